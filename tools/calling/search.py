"""Finding the tools that fit some words: by BM25 (Robertson and Zaragoza, 2009), and by meaning if that is known. Pure."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tools.specs import ToolSpec

K1, B = 1.2, 0.75
WORD = re.compile(r"[^\W_]+")
COVERED = 0.15  # share of what the words could score, from which they have half the weight (as measured: docs/embeddings.md)
NEAREST = 3  # tools found by meaning alone
TITLE_COUNTS = 3  # a word of the name or title counts as often


class _Entry(NamedTuple):
    spec: ToolSpec
    counts: Counter[str]
    length: int


def best(specs: Sequence[ToolSpec], words: str, most: int, near: Sequence[float] | None = None) -> list[ToolSpec]:
    """Return the tools that fit the words best, best first; `near` is each one's cosine. Equal ones are sorted by name."""
    scored = zip(_scores(specs, words, near), specs, strict=True)
    return [spec for _, spec in sorted(scored, key=lambda one: (-one[0], one[1].name))[:most]]


def matching(specs: Sequence[ToolSpec], words: str, most: int, near: Sequence[float] | None = None) -> list[ToolSpec]:
    """Return the best tools that share at least one word, or are among the nearest by meaning."""
    asked = set(_words(words))
    nearest = sorted(zip(near or [], (spec.name for spec in specs), strict=False), reverse=True)[:NEAREST]
    meant = {name for _, name in nearest}
    return [spec for spec in best(specs, words, most, near) if spec.name in meant or asked & set(_entry(spec).counts)]


def _scores(specs: Sequence[ToolSpec], words: str, near: Sequence[float] | None) -> list[float]:
    """Score by words alone, or by both. Words that hardly any tool uses count little: they may be of another language."""
    entries = [_entry(spec) for spec in specs]
    rarity = {word: _rarity(word, entries) for word in set(_words(words))}
    mean = sum(entry.length for entry in entries) / len(entries) if entries else 1.0
    told = [_score(entry, rarity, mean) for entry in entries]
    if not near or not told:
        return told
    covered = max(told) / ((K1 + 1) * sum(rarity.values()) or 1.0)
    weight = 0.5 * min(1.0, covered / COVERED)
    return [weight * word + (1 - weight) * meaning for word, meaning in zip(_spread(told), _spread(near), strict=True)]


def _spread(values: Sequence[float]) -> list[float]:
    """Scale values to the range from 0 to 1."""
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


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
