"""Who may see what: the one place that answers, inside the query."""

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User

Row = TypeVar("Row", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows that belong to a person of a tenant. `visible_to` is the only way to somebody's rows."""

    def visible_to(self, person: "User") -> Self:
        """The rows this person may see; none for somebody who is not active."""
        if not person.is_active:
            return self.none()
        return self.filter(**self._reach(person))

    def _reach(self, person: "User") -> dict[str, Any]:
        return {"tenant_id": person.tenant_id, "owner_id": person.pk}
