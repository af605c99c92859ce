"""Values of a rights check: a thing, a decision, the interface of a policy, and rows that are filtered by rights.

They are here and not in `accounts.access`, which exposes them, because tables of `accounts` use them, too.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from accounts.models.people import User

READ = "read"

Row = TypeVar("Row", bound=models.Model)


class Thing(NamedTuple):
    """A thing to act on. `id` is what a grant's target names; without an owner, only grants decide."""

    kind: str
    id: str
    tenant_id: UUID
    owner_id: UUID | None = None


class Decision(NamedTuple):
    """A decision and the rule that made it, in words for operators; `grant` is the id of the deciding grant, if any."""

    allowed: bool
    rule: str
    grant: UUID | None = None

    def __bool__(self) -> bool:
        return self.allowed


# Decides about things of one kind, for one person, from what was read when it was made.
Judge = Callable[[str, Thing, dict[str, Any] | None], Decision]


class Policy(Protocol):
    """The interface of a policy. `ACCESS_POLICY` names the class; `accounts.access.grant_policy.GrantPolicy` is the default."""

    def decide(self, person: "User", action: str, thing: Thing, arguments: dict[str, Any] | None) -> Decision:
        """Decide whether the person may do this with the thing and, if given, with these `arguments`."""

    def decide_each(self, person: "User", action: str, things: Sequence[Thing]) -> list[Decision]:
        """Decide the same for many things of one kind."""

    def judge(self, person: "User", kind: str) -> Judge:
        """Read once what decides about things of this kind."""

    def reach(self, person: "User", action: str, kind: str, via: str) -> models.Q:
        """Build the condition that selects these rows in a query. `via` is the path to the thing with `tenant` and `owner`.

        It may query the database for grants first: call it where that is allowed.
        """


@cache
def policy() -> Policy:
    """Return the policy in force. Raises ImproperlyConfigured; called at every start (`accounts.apps`)."""
    try:
        made: Policy = import_string(settings.ACCESS_POLICY)()
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(f"ACCESS_POLICY does not name a usable policy class: {error}.") from error
    if not all(callable(getattr(made, name, None)) for name in ("decide", "decide_each", "judge", "reach")):
        raise ImproperlyConfigured("ACCESS_POLICY names a class that lacks one of the methods of a policy (docs/trust.md).")
    return made


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows that belong to a person of a tenant. `visible_to` is the only way to another person's rows.

    `kind` is their kind in grants. Rows that belong to such a thing give the path to it in `via`.
    """

    kind: ClassVar[str]
    via: ClassVar[str] = ""

    def visible_to(self, person: "User", action: str = READ) -> Self:
        """Select the rows on which this person may do this; none if they are suspended."""
        if not person.is_active:
            return self.none()
        return self.filter(policy().reach(person, action, self.kind, self.via))
