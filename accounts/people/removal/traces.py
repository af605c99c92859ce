"""Data about a person outside their rows, or in rows that others need: deleted or anonymized."""

from collections import Counter
from typing import Any

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.contrib.admin.models import LogEntry
from django.db.models import Q
from oauth2_provider.models import Application

from accounts.models import Invitation, Session, Usage, User

REMOVED_PERSON = "a removed person"


def remove(person: User) -> Counter[str]:
    """Delete sessions and invitations, anonymize the operators' history, and keep apps that others use."""
    coming_in = Session.objects.filter(person_id=None).iterator(1_000)
    gone = [held.pk for held in coming_in if _is_coming_in(held.get_decoded(), person)]
    gone += Session.objects.filter(person_id=person.pk).values_list("pk", flat=True)
    counts: Counter[str] = Counter(Session.objects.filter(pk__in=gone).delete()[1])
    counts += Counter(Invitation.objects.filter(email=person.email).delete()[1])
    named = Q(object_id=str(person.pk)) | Q(object_repr__icontains=person.email) | Q(change_message__icontains=person.email)
    LogEntry.objects.filter(named).update(object_repr=REMOVED_PERSON, change_message="")
    Application.objects.filter(user=person).update(user=None)
    return counts


def _is_coming_in(session: dict[str, Any], person: User) -> bool:
    """Check whether the session waits for the person's second factor: allauth stores their id in it."""
    coming_in = str(session.get(LOGIN_SESSION_KEY, ""))
    return str(person.pk) in coming_in or person.pk.hex in coming_in


def take_name_from_ledger(person: User) -> Counter[str]:
    """Keep the usage in the tenant's sums, without the person."""
    Usage.objects.filter(person=person).update(person=None, token=None)
    return Counter()
