"""Kinds of things that can be granted. Each app registers its own when it is ready; this module knows none of them."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from accounts.access import Thing


class Named(NamedTuple):
    """A choice in a form: the value stored as a grant's target, and the name people use for it."""

    target: str
    label: str


class Kind(NamedTuple):
    """A kind of thing. `things` lists those of a tenant; `open_at_first` grants all of them to everyone in a new tenant.

    `find` returns a tenant's thing for a grant's target, with its owner, or None if there is no such thing. A kind without
    `find` has things without an owner, which may be named before they exist. `labels` maps targets that mean nothing to people,
    such as ids, to names for operators.
    """

    name: str
    actions: tuple[str, ...]
    things: Callable[[UUID], Iterable[Named]]
    open_at_first: bool = False
    find: Callable[[UUID, str], Thing | None] | None = None
    labels: Callable[[UUID, Collection[str]], dict[str, str]] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Register a kind, replacing an earlier one with the same name."""
    _kinds[kind.name] = kind


def all_kinds() -> list[Kind]:
    """Return every kind, sorted by name."""
    return sorted(_kinds.values())


def named(name: str) -> Kind | None:
    """Return the kind with that name, or None."""
    return _kinds.get(name)
