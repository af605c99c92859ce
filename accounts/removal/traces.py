"""What names a person without hanging on their row, or hangs on it though others need it: taken away or made nobody's."""

from collections import Counter
from typing import Any

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.contrib.admin.models import LogEntry
from django.db.models import Q
from oauth2_provider.models import Application

from accounts.models import Invitation, Session, Usage, User

SOMEBODY = "somebody who left"


def remove(person: User) -> Counter[str]:
    """Sessions and invitations go; the operators' history forgets the name; an app that others use stays."""
    coming_in = Session.objects.filter(person_id=None).iterator(1_000)
    gone = [held.pk for held in coming_in if _is_coming_in(held.get_decoded(), person)]
    gone += Session.objects.filter(person_id=person.pk).values_list("pk", flat=True)
    counts: Counter[str] = Counter(Session.objects.filter(pk__in=gone).delete()[1])
    counts += Counter(Invitation.objects.filter(email=person.email).delete()[1])
    named = Q(object_id=str(person.pk)) | Q(object_repr__icontains=person.email) | Q(change_message__icontains=person.email)
    LogEntry.objects.filter(named).update(object_repr=SOMEBODY, change_message="")
    Application.objects.filter(user=person).update(user=None)
    return counts


def _is_coming_in(session: dict[str, Any], person: User) -> bool:
    """Tell if the session waits for the person's second factor: allauth keeps the id of whom it asks."""
    coming_in = str(session.get(LOGIN_SESSION_KEY, ""))
    return str(person.pk) in coming_in or person.pk.hex in coming_in


def take_name_from_ledger(person: User) -> Counter[str]:
    """What was spent stays in the sums of the tenant, under nobody."""
    Usage.objects.filter(person=person).update(person=None, token=None)
    return Counter()
