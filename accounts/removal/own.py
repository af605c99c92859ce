"""What accounts itself holds of a person."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session

from accounts import audit
from accounts.models import AuditEntry, Invitation, Membership, User, Visit
from accounts.removal.holdings import Holding

SOMEBODY = "somebody who left"


def _profile(person: User) -> Iterable[Any]:
    yield {
        "id": person.pk,
        "email": person.email,
        "name": person.name,
        "tenant": person.tenant.name,
        "instructions": person.instructions,
        "operator": person.is_staff,
        "since": person.created_at,
    }


def _ways_in(person: User) -> Iterable[Any]:
    """Of secrets only that they exist: nobody, the archive's finder included, is to come in by it."""
    yield {"kind": "password", "set": person.has_usable_password()}
    for factor in Authenticator.objects.filter(user=person).order_by("created_at"):
        yield {"kind": factor.type, "name": str(factor), "since": factor.created_at, "last_used": factor.last_used_at}
    for account in SocialAccount.objects.filter(user=person).order_by("date_joined"):
        yield {"kind": "provider", "provider": account.provider, "since": account.date_joined, "says": account.extra_data}


def _visits(person: User) -> Iterable[Any]:
    for visit in Visit.objects.filter(person=person).order_by("began_at"):
        yield {
            "how": visit.how,
            "program": visit.client,
            "address": visit.address,
            "began": visit.began_at,
            "seen": visit.seen_at,
        }


def _tokens(person: User) -> Iterable[Any]:
    for token in person.access_tokens.order_by("created_at"):
        ends = {"ends": token.expires_at, "revoked": token.revoked_at, "last_used": token.last_used_at}
        yield {"name": token.name, "start": token.start, "scopes": token.scopes, "since": token.created_at} | ends


def _rights(person: User) -> Iterable[Any]:
    for membership in Membership.objects.filter(person=person).select_related("group"):
        yield {"group": membership.group.name, "by": membership.source}
    for grant in person.grants.order_by("created_at"):
        yield {"grant": str(grant), "limits": grant.limits, "ends": grant.expires_at}


def _deeds(person: User) -> Iterator[Any]:
    audit.flush()
    for entry in AuditEntry.objects.filter(person=str(person.pk)).order_by("seq").iterator(1_000):
        yield {"seq": entry.seq, "at": entry.at, "action": entry.action, "kind": entry.kind, "target": entry.target} | {
            "outcome": entry.outcome, "by": entry.via, "from": entry.client, "detail": entry.detail
        }  # fmt: skip


def _remove_traces(person: User) -> Counter[str]:
    """What names the person without hanging on their row: sessions, invitations, and the admin's own history."""
    gone = [held.pk for held in Session.objects.iterator(1_000) if held.get_decoded().get(SESSION_KEY) == str(person.pk)]
    counts: Counter[str] = Counter(Session.objects.filter(pk__in=gone).delete()[1])
    counts += Counter(Invitation.objects.filter(email=person.email).delete()[1])
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    about.update(object_repr=SOMEBODY, change_message="")
    return counts


OWN = (
    Holding("profile", _profile),
    Holding("ways-in", _ways_in),
    Holding("visits", _visits, _remove_traces),
    Holding("tokens", _tokens),
    Holding("rights", _rights),
    Holding("audit", _deeds),
)
