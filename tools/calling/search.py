"""Finding the tools that fit some words, by BM25 (Robertson and Zaragoza, 2009) over their descriptions. Pure."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tools.specs import ToolSpec

K1, B = 1.2, 0.75
WORD = re.compile(r"[^\W_]+")
TITLE_COUNTS = 3  # a word of the name or title counts as often


class _Entry(NamedTuple):
    spec: ToolSpec
    counts: Counter[str]
    length: int


def best(specs: Sequence[ToolSpec], words: str, most: int) -> list[ToolSpec]:
    """The tools that fit the words best, the best first; those that share no word come last, by name."""
    entries = [_entry(spec) for spec in specs]
    asked = set(_words(words))
    rarity = {word: _rarity(word, entries) for word in asked}
    mean = sum(entry.length for entry in entries) / len(entries) if entries else 1.0
    ranked = sorted(entries, key=lambda entry: (-_score(entry, rarity, mean), entry.spec.name))
    return [entry.spec for entry in ranked[:most]]


def matching(specs: Sequence[ToolSpec], words: str, most: int) -> list[ToolSpec]:
    """Those of the best that share at least one word."""
    asked = set(_words(words))
    return [spec for spec in best(specs, words, most) if asked & set(_entry(spec).counts)]


def _entry(spec: ToolSpec) -> _Entry:
    named = _words(f"{spec.name} {spec.title} {spec.category}")
    told = _words(" ".join((spec.description, *(example.question for example in spec.examples))))
    counts = Counter(told) + Counter({word: count * TITLE_COUNTS for word, count in Counter(named).items()})
    return _Entry(spec, counts, sum(counts.values()))


def _words(text: str) -> list[str]:
    """Words in lower case, without the plural's s."""
    return [word.removesuffix("s") if len(word) > 3 else word for word in WORD.findall(text.lower())]  # noqa: PLR2004


def _rarity(word: str, entries: Sequence[_Entry]) -> float:
    holding = sum(word in entry.counts for entry in entries)
    return math.log(1 + (len(entries) - holding + 0.5) / (holding + 0.5))


def _score(entry: _Entry, rarity: dict[str, float], mean: float) -> float:
    scale = K1 * (1 - B + B * entry.length / mean)
    return sum(
        rare * count * (K1 + 1) / (count + scale) for word, rare in rarity.items() if (count := entry.counts.get(word, 0))
    )
