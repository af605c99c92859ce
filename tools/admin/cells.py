"""Figures of a tool as the cells of a table. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from tools.admin.figures import Counts

NONE = "–"
NAMES = (
    "Calls", "People", "Succeeded", "Failed", "Declined", "Unknown", "Half within", "95 % within", "Cached", "Cost",
)  # fmt: skip
WARN = {"Failed", "Unknown"}
LONG = 10.0  # seconds from which tenths are enough


class Cell(NamedTuple):
    """One figure; nothing to tell is a dash."""

    name: str
    words: str

    @property
    def is_none(self) -> bool:
        """True where there is nothing to tell."""
        return self.words == NONE

    @property
    def warns(self) -> bool:
        """True for what needs a look."""
        return self.name in WARN and not self.is_none


def cells(counts: Counts) -> list[Cell]:
    """The figures in the order of their names."""
    return [Cell(name, words) for name, words in zip(NAMES, _words(counts), strict=True)]


def _words(counts: Counts) -> Iterator[str]:
    for count in (counts.calls, counts.people, counts.succeeded, counts.failed, counts.denied, counts.unknown):
        yield f"{count:,}" if count else NONE
    yield _seconds(counts.half)
    yield _seconds(counts.most)
    yield f"{100 * counts.cached / counts.calls:.0f} %" if counts.cached else NONE
    yield f"${counts.cost:,.2f}" if counts.cost else NONE


def _seconds(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:,.1f} s" if value >= LONG else f"{value:.2f} s"
