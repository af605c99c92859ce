"""Emphasis beside the characters of China, Japan and Korea, whose words no spaces part.

CommonMark asks for a space or punctuation outside of `**「…」**`. Here such a character will do, and its punctuation counts as
a letter: the amendment that https://github.com/tats-u/markdown-cjk-friendly describes.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline.state_inline import Scanned, StateInline

Rule = Callable[[StateInline, bool], bool]
WIDE = ("W", "F", "H")
HANGUL = range(0x1100, 0x1200)


def beside_cjk(rule: Rule) -> Rule:
    """The rule of a mark such as `*`, which then scans as this module says."""

    def tokenize(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
        state.scanDelims = partial(_scan, state)  # type: ignore[method-assign]
        return rule(state, silent)

    return tokenize


def _scan(state: StateInline, start: int, can_split_word: bool) -> Scanned:  # noqa: FBT001  markdown-it's
    source, end = state.src, start
    while end < state.posMax and source[end] == source[start]:
        end += 1
    before = source[start - 1] if start > 0 else " "
    after = source[end] if end < state.posMax else " "
    opens, closes = _may_begin(before, after), _may_begin(after, before)
    can_open = opens and (can_split_word or not closes or _is_punctuation(before))
    can_close = closes and (can_split_word or not opens or _is_punctuation(after))
    return Scanned(can_open, can_close, end - start)


def _may_begin(outside: str, inside: str) -> bool:
    """Tell whether a run of marks between these two may begin emphasis; swap them to ask whether it may end it."""
    if isWhiteSpace(ord(inside)):
        return False
    if not _is_punctuation(inside) or _is_cjk(inside):
        return True
    return isWhiteSpace(ord(outside)) or _is_punctuation(outside) or _is_cjk(outside)


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


@lru_cache(maxsize=4096)
def _is_cjk(character: str) -> bool:
    """Tell whether it is a letter or punctuation of these scripts; emoji are as wide, but do not count."""
    wide = unicodedata.east_asian_width(character) in WIDE or ord(character) in HANGUL
    return wide and unicodedata.category(character) != "So"
