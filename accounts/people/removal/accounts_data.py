"""A person's data in accounts, as exported."""

from collections.abc import Iterable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Q

from accounts import audit
from accounts.models import AuditEntry, Budget, Membership, Secret, Usage, User, Visit
from accounts.oauth import connected_apps
from accounts.people.removal import traces
from accounts.people.removal.holdings import Holding


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
    """Export only the existence of secrets: no one who finds the archive must be able to sign in with it."""
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


def _apps(person: User) -> Iterable[Any]:
    for app in connected_apps.of(person):
        yield app._asdict()


def _secrets(person: User) -> Iterable[Any]:
    """Export only the names: the values are for Galaxy's use and are never shown."""
    for secret in Secret.objects.filter(owner=person).order_by("created_at"):
        yield {"name": secret.name, "since": secret.created_at, "changed": secret.changed_at, "last_used": secret.used_at}


def _budgets(person: User) -> Iterable[Any]:
    for budget in Budget.objects.filter(Q(person=person) | Q(token__person=person)).order_by("pk"):
        yield {"budget": budget.terms, "on": "token" if budget.token else "person"}


def _usage(person: User) -> Iterator[Any]:
    rows = Usage.objects.filter(person=person).order_by("at")
    yield from rows.values("at", "model", "provider", "tool", "tokens", "cost").iterator(1_000)


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


OWN = (
    Holding("profile", _profile),
    Holding("ways-in", _ways_in),
    Holding("visits", _visits, traces.remove),
    Holding("tokens", _tokens),
    Holding("apps", _apps),
    Holding("secrets", _secrets),
    Holding("rights", _rights),
    Holding("budgets", _budgets),
    Holding("usage", _usage, traces.take_name_from_ledger),
    Holding("audit", _deeds),
)
