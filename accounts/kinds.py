"""The kinds of things that can be granted. Each app registers its own when it is ready; nothing here knows them."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from accounts.access import Thing


class Named(NamedTuple):
    """A thing to choose: what a grant's target says, and what people call it."""

    target: str
    label: str


class Kind(NamedTuple):
    """A kind of thing. `things` lists those of a tenant; `open_at_first` grants all of them to everybody of a new tenant.

    `find` gives a tenant's thing by a grant's target, with its owner; None where there is no such thing. A kind without it
    has things that nobody owns and that may be named before they are there. `labels` says what operators call a tenant's
    things whose targets say nothing, such as ids.
    """

    name: str
    actions: tuple[str, ...]
    things: Callable[[UUID], Iterable[Named]]
    open_at_first: bool = False
    find: Callable[[UUID, str], Thing | None] | None = None
    labels: Callable[[UUID, Collection[str]], dict[str, str]] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. A second one of the same name takes the place of the first."""
    _kinds[kind.name] = kind


def all_kinds() -> list[Kind]:
    """Every kind, by name."""
    return sorted(_kinds.values())


def named(name: str) -> Kind | None:
    """The kind of that name."""
    return _kinds.get(name)
