"""Which addresses in plain text become links: those with a scheme, `www.` or `mailto:`, up to the punctuation of the prose.

Names of files (`setup.sh`) and of members (`user.id`) end like domains do, so nothing without one of these is an address.
"""

import re
import unicodedata

from linkify_it import LinkifyIt
from linkify_it.main import Match

# Letters of scripts that leave no space before an address may stand directly before it.
BEGIN = re.compile(r"(?<![A-Za-z0-9_.@/-])(?:https?:(?=//)|www\.(?=[^\s.])|mailto:)", re.IGNORECASE)
FOREIGN = re.compile(r"[^\x00-\x7f]")
NAME_THEN_PROSE = re.compile(r"//[\x21-\x2e\x30-\x7e]*[A-Za-z0-9](?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")
PART_OF_NAMES = "・·"
LONGEST = 2_000

_grammar = LinkifyIt()


class Addresses:
    """Finder of the addresses in a text for markdown-it, in place of a `LinkifyIt`."""

    def pretest(self, text: str) -> bool:
        """Tell whether there may be an address."""
        return BEGIN.search(text) is not None

    test = pretest

    def match(self, text: str) -> list[Match]:
        """The addresses, in their order."""
        found: list[Match] = []
        end = 0
        for begin in BEGIN.finditer(text):
            if begin.start() >= end and (one := _address(text, begin)):
                found.append(one)
                end = one.last_index
        return found

    def match_at_start(self, text: str) -> Match | None:
        """The address that the text begins with."""
        begin = BEGIN.match(text)
        return _address(text, begin) if begin else None


def _address(text: str, begin: re.Match[str]) -> Match | None:
    scheme, start = begin[0].lower(), begin.start()
    if scheme == "www.":
        length = _grammar.test_schema_at("//" + _until_prose(text, start), "http:", 0) - len("//")
        return _match(text, "", start, start + length, "http://") if length > 0 else None
    length = _grammar.test_schema_at(_until_prose(text, begin.end()), scheme, 0)
    return _match(text, scheme, start, begin.end() + length) if length else None


def _match(text: str, scheme: str, start: int, end: int, before: str = "") -> Match:
    found = Match(text, scheme, start, end)
    found.url = before + found.url
    return found


def _until_prose(text: str, start: int) -> str:
    """The text from there to the first punctuation that no address has, such as a full-width bracket."""
    part = text[start : start + LONGEST]
    for character in FOREIGN.finditer(part):
        if unicodedata.category(character[0])[0] in "PZ" and character[0] not in PART_OF_NAMES:
            part = part[: character.start()]
            break
    name = NAME_THEN_PROSE.match(part)
    return part[: name.end()] if name else part
