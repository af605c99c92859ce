"""The actor of whatever is recorded, set where a request, an action or a run begins."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from accounts.audit import clients

LONGEST_CLIENT = 200


class Actor(NamedTuple):
    """`via` is the way in and credential (`session`, `proxy`, `token`, `command`, …), `client` the address and program."""

    tenant_id: UUID | None = None
    person_id: UUID | None = None
    via: str = "galaxy"
    client: str = ""
    correlation: str = ""
    token_id: UUID | None = None


GALAXY = Actor()

_actor: ContextVar[Actor] = ContextVar("actor", default=GALAXY)


def actor() -> Actor:
    """Return the current actor; Galaxy itself where none was set."""
    return _actor.get()


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    """Record everything within as done by `who`. An empty correlation gets a new id, shared by all these entries."""
    token = _actor.set(who if who.correlation else who._replace(correlation=str(uuid7())))
    try:
        yield
    finally:
        _actor.reset(token)


def nobody(scope: Mapping[str, Any]) -> Actor:
    """Build the actor for a client that is not signed in."""
    return Actor(via="nobody", client=client_of(scope))


def client_of(scope: Mapping[str, Any]) -> str:
    """Return address and program of an ASGI scope, as `127.0.0.1 Firefox/…`. The program's name is cleaned and cut."""
    agents = [value.decode("latin1") for name, value in scope["headers"] if name == b"user-agent"]
    said = "".join(character for character in " ".join(agents) if character.isprintable())
    return f"{clients.address_of(scope)} {said}".strip()[:LONGEST_CLIENT]
