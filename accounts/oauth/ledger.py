"""Audit entries about apps."""

from typing import Any

from accounts import audit
from accounts.audit import Outcome
from accounts.models import User


def note(action: str, application: Any, person: User | None, *, outcome: Outcome = "ok", **detail: Any) -> None:
    """Record an action of or on an app, in the name of the person whose tokens they are, even if it failed."""
    who = audit.actor()
    if person is not None and who.person_id is None:
        who = who._replace(tenant_id=person.tenant_id, person_id=person.pk, via="oauth")
    audit.record(action, "app", application.client_id, outcome=outcome, who=who, name=application.name, **detail)
