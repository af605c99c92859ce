"""The only answer to "may this person do this?". Lists filter in SQL, single things ask `may`; both read the same grants."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from accounts.models.rights import READ, Decision, Judge, OwnedQuerySet, Policy, Row, Thing, policy

__all__ = [
    "OWN", "READ", "USE", "WRITE", "Decision", "Judge", "OwnedQuerySet", "Policy", "Row", "Thing", "judge", "may", "may_each",
    "policy",
]  # fmt: skip

# Permission to write includes permission to read. Actions reserved for the owner (delete, share) cannot be granted.
WRITE, OWN, USE = "write", "own", "use"


def may(person: User, action: str, thing: Thing, arguments: dict[str, Any] | None = None) -> Decision:
    """Decide whether the person, as they are now, may do this. Ask at the moment of use."""
    return policy().decide(person, action, thing, arguments)


def may_each(person: User, action: str, things: Sequence[Thing]) -> list[Decision]:
    """Decide like `may` for many things of one kind, with one query."""
    return policy().decide_each(person, action, things)


def judge(person: User, kind: str) -> Judge:
    """Read what decides about things of a kind; the judge then answers like `may`, without a query, as of this moment.

    Whoever keeps it throws it away at a change of the person's rights (`accounts.access.rights_changes`), and soon.
    """
    return policy().judge(person, kind)
