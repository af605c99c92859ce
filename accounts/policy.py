"""Galaxy's own policy: owners may, grants allow, denials outweigh both, and nothing crosses a tenant."""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from accounts import grant_limits
from accounts.access import Decision, Thing
from accounts.models import Grant, Membership, User
from accounts.models.grants import ALL

# What a grant to do the first allows, and what a denial of the first forbids.
ALLOWS = {"read": ("read",), "write": ("read", "write"), "use": ("use",)}
FORBIDS = {"read": ("read", "write", "own"), "write": ("write", "own"), "use": ("use",)}


class GrantPolicy:
    """Decides by the rows of `Grant`."""

    def decide(self, person: User, action: str, thing: Thing, arguments: dict[str, Any] | None) -> Decision:
        """As `accounts.access.Policy` says."""
        return _decide(person, action, thing, list(grants_about(person, thing)), arguments)

    def decide_each(self, person: User, action: str, things: Sequence[Thing]) -> list[Decision]:
        """As `accounts.access.Policy` says."""
        if not things:
            return []
        grants = list(_grants_of(person, things[0].kind).select_related("person", "group"))
        return [_decide(person, action, thing, [g for g in grants if g.target in (thing.id, ALL)], None) for thing in things]

    def reach(self, person: User, action: str, kind: str, via: str) -> Q:
        """As `accounts.access.Policy` says."""
        path = f"{via}__" if via else ""
        about = _grants_of(person, kind).filter(Q(target=ALL) | Q(target=Cast(OuterRef(f"{path}id"), CharField())))
        allowed = about.filter(effect=Grant.Effect.ALLOW, action__in=_which(ALLOWS, action))
        denied = about.filter(effect=Grant.Effect.DENY, action__in=_which(FORBIDS, action), limits={})
        own = Q(**{f"{path}owner": person.pk})
        return Q(**{f"{path}tenant": person.tenant_id}) & (own | Exists(allowed)) & ~Exists(denied)


def grants_about(person: User, thing: Thing) -> QuerySet[Grant]:
    """What is granted or denied to the person on the thing or on all of its kind, as of now."""
    about = _grants_of(person, thing.kind).filter(target__in=(thing.id, ALL))
    return about.select_related("person", "group")


def complaint(grant: Grant, arguments: dict[str, Any]) -> str | None:
    """What about the arguments is outside the grant's limits."""
    return grant_limits.complaint(grant.limits, arguments)


def forbids(grant: Grant, arguments: dict[str, Any] | None) -> bool:
    """A denial with limits forbids only the arguments that fit them, and those of which nobody can tell."""
    if not grant.limits or not grant_limits.can_be_judged(grant.limits):
        return True
    return arguments is not None and grant_limits.may_fit(grant.limits, arguments)


def _decide(person: User, action: str, thing: Thing, grants: list[Grant], arguments: dict[str, Any] | None) -> Decision:
    if not person.is_active:
        return Decision(allowed=False, rule="the person is suspended")
    if person.tenant_id != thing.tenant_id:
        return Decision(allowed=False, rule="it belongs to another tenant")
    for grant in grants:
        if grant.effect == Grant.Effect.DENY and action in FORBIDS[grant.action] and forbids(grant, arguments):
            return Decision(allowed=False, rule=str(grant), grant=grant.pk)
    if person.pk == thing.owner_id:
        return Decision(allowed=True, rule="it is their own")
    allowing = [g for g in grants if g.effect == Grant.Effect.ALLOW and action in ALLOWS[g.action]]
    return _by_limits(allowing, arguments)


def _grants_of(person: User, kind: str) -> QuerySet[Grant]:
    """What is granted or denied to the person, alone, in a group or with everybody, as of now."""
    groups = Membership.objects.filter(person=person.pk).values("group")
    whom = Q(person=person.pk) | Q(group__in=groups) | Q(person=None, group=None)
    current = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return Grant.objects.filter(whom, current, tenant=person.tenant_id, kind=kind)


def _which(table: dict[str, tuple[str, ...]], action: str) -> list[str]:
    return [granted for granted, covered in table.items() if action in covered]


def _by_limits(allowing: list[Grant], arguments: dict[str, Any] | None) -> Decision:
    refused = Decision(allowed=False, rule="nothing grants it")
    for grant in allowing:
        wrong = complaint(grant, arguments) if arguments is not None else None
        if wrong is None:
            return Decision(allowed=True, rule=str(grant), grant=grant.pk)
        refused = Decision(allowed=False, rule=f"{grant}, but not so: {wrong}", grant=grant.pk)
    return refused
