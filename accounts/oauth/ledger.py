"""What apps did and what was done to them, as the audit keeps it."""

from typing import Any

from accounts import audit
from accounts.audit import Outcome
from accounts.models import User


def note(action: str, application: Any, person: User | None, *, outcome: Outcome = "ok", **detail: Any) -> None:
    """Record it of the app, in the name of the person whose tokens they are: an app acts for somebody, even in vain."""
    who = audit.actor()
    if person is not None and who.person_id is None:
        who = who._replace(tenant_id=person.tenant_id, person_id=person.pk, via="oauth")
    audit.record(action, "app", application.client_id, outcome=outcome, who=who, name=application.name, **detail)
