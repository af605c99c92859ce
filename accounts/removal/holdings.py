"""What apps hold of a person. Each registers its own when it is ready; nothing here knows them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from accounts.models import User


def nothing(_person: User) -> Counter[str]:
    """For what goes with the person's own row."""
    return Counter()


class Holding(NamedTuple):
    """A part of what somebody has. `name` is its file in the archive.

    `export` gives it as JSON values, the oldest first. `remove` deletes what would not go with the person's row, and counts
    it by table; the person may do nothing any more when it is called.
    """

    name: str
    export: Callable[[User], Iterable[Any]]
    remove: Callable[[User], Counter[str]] = nothing


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """Make a part known. A second one of the same name takes the place of the first."""
    _holdings[holding.name] = holding


def all_holdings() -> list[Holding]:
    """Every part, in the order of registration: apps above come after those they stand on, and are left first."""
    return list(_holdings.values())
