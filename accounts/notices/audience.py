"""Audiences of notices, as groups of the channel layer. They are asked for in a database thread, when the change is committed.

Audiences that depend on rights are in `accounts.access.audiences`.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from uuid import UUID


class Address(NamedTuple):
    """A group of the layer. Where not all in it are known to see the thing, they are told without its id."""

    group: str
    may_name: bool = True


Audience = Callable[[], Iterable[Address]]

EVERYONE = "everyone"


def person(person_id: UUID) -> Audience:
    """One person."""
    return lambda: [address_of(person_id)]


def tenant(tenant_id: UUID, *, may_name: bool = True) -> Audience:
    """Everyone of the tenant."""
    return lambda: [Address(_tenant(tenant_id), may_name)]


def everyone() -> Audience:
    """Everyone who is signed in."""
    return lambda: [Address(EVERYONE)]


def address_of(person_id: UUID) -> Address:
    """The group of one person."""
    return Address(_person(person_id))


def groups_of(person_id: UUID, tenant_id: UUID) -> list[str]:
    """The groups whose notices concern a person of the tenant."""
    return [_person(person_id), _tenant(tenant_id), EVERYONE]


def _person(person_id: UUID) -> str:
    return f"person.{person_id}"


def _tenant(tenant_id: UUID) -> str:
    return f"tenant.{tenant_id}"
