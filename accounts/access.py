"""Who may do what: the one place that answers. Lists ask inside their query, one thing by `may`; both read the same grants."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from accounts.models import User

# Who may write may read. What is only for the owner (to delete it, to share it) nobody can be granted.
READ, WRITE, OWN, USE = "read", "write", "own", "use"

Row = TypeVar("Row", bound=models.Model)


class Thing(NamedTuple):
    """What something is done with. `id` is what a grant's target names; without an owner only grants decide."""

    kind: str
    id: str
    tenant_id: UUID
    owner_id: UUID | None = None


class Decision(NamedTuple):
    """The answer, and the rule that decided, in words for operators; `grant` is that rule's row, where it has one."""

    allowed: bool
    rule: str
    grant: UUID | None = None

    def __bool__(self) -> bool:
        return self.allowed


class Policy(Protocol):
    """What decides. `ACCESS_POLICY` names a class of this shape; `accounts.policy.GrantPolicy` is Galaxy's own."""

    def decide(self, person: "User", action: str, thing: Thing, arguments: dict[str, Any] | None) -> Decision:
        """Whether the person may do this with the thing; with `arguments`, whether they may do it with these."""

    def decide_each(self, person: "User", action: str, things: Sequence[Thing]) -> list[Decision]:
        """The same for many things of one kind."""

    def reach(self, person: "User", action: str, kind: str, via: str) -> models.Q:
        """The condition on rows that says the same in a query. `via` is the path to the thing with `tenant` and `owner`.

        It may ask the database for the grants first: call it where that may be done.
        """


@cache
def policy() -> Policy:
    """The policy in force. Raises ImproperlyConfigured; asked at every start (`accounts.apps`)."""
    try:
        made: Policy = import_string(settings.ACCESS_POLICY)()
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(f"ACCESS_POLICY names no class that decides: {error}.") from error
    if not all(callable(getattr(made, name, None)) for name in ("decide", "decide_each", "reach")):
        raise ImproperlyConfigured("ACCESS_POLICY names a class that lacks decide, decide_each or reach (docs/trust.md).")
    return made


def may(person: "User", action: str, thing: Thing, arguments: dict[str, Any] | None = None) -> Decision:
    """Whether the person, as they are now, may do this. Ask it at the moment of use."""
    return policy().decide(person, action, thing, arguments)


def may_each(person: "User", action: str, things: Sequence[Thing]) -> list[Decision]:
    """`may` for many things of one kind, in one question."""
    return policy().decide_each(person, action, things)


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows that belong to a person of a tenant. `visible_to` is the only way to somebody's rows.

    `kind` is what grants call them. Rows that hang on such a thing name the path to it in `via`.
    """

    kind: ClassVar[str]
    via: ClassVar[str] = ""

    def visible_to(self, person: "User", action: str = READ) -> Self:
        """The rows with which this person may do this; none for somebody who is suspended."""
        if not person.is_active:
            return self.none()
        return self.filter(policy().reach(person, action, self.kind, self.via))
