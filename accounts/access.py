"""Who may do what: the one place that answers, for a single thing and inside a query."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from uuid import UUID

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User

Row = TypeVar("Row", bound=models.Model, covariant=True)


class Owned(Protocol):
    """A thing of one tenant that belongs to one person."""

    tenant_id: UUID
    owner_id: UUID


@dataclass(frozen=True)
class Decision:
    """An answer with the rule that gave it. True where the thing is allowed."""

    allowed: bool
    rule: str

    def __bool__(self) -> bool:
        return self.allowed


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows that belong to a person of a tenant. `visible_to` is the only way to somebody's rows."""

    def visible_to(self, person: "User") -> Self:
        """The rows this person may see; none for somebody who is not active."""
        if not person.is_active:
            return self.none()
        return self.filter(**self._reach(person))

    def _reach(self, person: "User") -> dict[str, Any]:
        return {"tenant_id": person.tenant_id, "owner_id": person.pk}


def may(who: "User", action: str, thing: Owned) -> Decision:
    """Whether the person may do `action` (such as `chat.stop`) to the thing, by the same rules as `visible_to`."""
    if not who.is_active:
        return Decision(allowed=False, rule="account is not active")
    if thing.tenant_id != who.tenant_id:
        return Decision(allowed=False, rule="thing of another tenant")
    if thing.owner_id != who.pk:
        return Decision(allowed=False, rule=f"no grant for {action}")
    return Decision(allowed=True, rule="owner")
