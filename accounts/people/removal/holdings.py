"""Parts of a person's data that apps have. Each app registers its own when it is ready; this module knows none of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from accounts.models import User


def nothing(_person: User) -> Counter[str]:
    """Remove nothing: the part is deleted with the person's row."""
    return Counter()


class File(NamedTuple):
    """A file of a person's, and its place below the part's folder in the archive."""

    place: str
    content: bytes


def no_files(_person: User) -> Iterable[File]:
    """Export no files: the part is JSON alone."""
    return ()


class Holding(NamedTuple):
    """A part of a person's data. `name` is its file in the archive, and the folder of its `files`.

    `export` yields it as JSON values, oldest first. `remove` deletes what would not go with the person's row, and counts it by
    table; when it is called, the person can no longer do anything.
    """

    name: str
    export: Callable[[User], Iterable[Any]]
    remove: Callable[[User], Counter[str]] = nothing
    files: Callable[[User], Iterable[File]] = no_files


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """Register a part, replacing an earlier one with the same name."""
    _holdings[holding.name] = holding


def all_holdings() -> list[Holding]:
    """List every part in the order of registration: upper apps come after those they build on, and are emptied first."""
    return list(_holdings.values())
