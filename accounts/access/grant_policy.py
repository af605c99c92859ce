"""The built-in policy: owners may, grants allow, denials override both, and nothing crosses a tenant."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import Decision, Judge, Thing
from accounts.models import Grant, Membership, User, grant_limits
from accounts.models.grants import ALL

# Actions that a grant of the key allows, and actions that a denial of the key forbids.
ALLOWS = {"read": ("read",), "write": ("read", "write"), "use": ("use",)}
FORBIDS = {"read": ("read", "write", "own"), "write": ("write", "own"), "use": ("use",)}

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class GrantPolicy:
    """Decides from the rows of `Grant`."""

    def decide(self, person: User, action: str, thing: Thing, arguments: dict[str, Any] | None) -> Decision:
        """Decide one question; see `accounts.access.Policy`."""
        return _decide(person, action, thing, list(grants_about(person, thing)), arguments)

    def decide_each(self, person: User, action: str, things: Sequence[Thing]) -> list[Decision]:
        """Decide many questions; see `accounts.access.Policy`."""
        if not things:
            return []
        grants = list(_grants_of(person, things[0].kind).select_related("person", "group"))
        return [_decide(person, action, thing, [g for g in grants if g.target in (thing.id, ALL)], None) for thing in things]

    def judge(self, person: User, kind: str) -> Judge:
        """Read the grants on a kind; see `accounts.access.Policy`."""
        grants = list(_grants_of(person, kind).select_related("person", "group"))

        def decide(action: str, thing: Thing, arguments: dict[str, Any] | None) -> Decision:
            return _decide(person, action, thing, [g for g in grants if g.target in (thing.id, ALL)], arguments)

        return decide

    def reach(self, person: User, action: str, kind: str, via: str) -> Q:
        """Build the condition for a list; see `accounts.access.Policy`.

        The grants are few and are read first. With their targets as values, PostgreSQL finds the rows through the indexes on
        owner and key; a condition on the grants of each row would make it read every row of the tenant.
        """
        path = f"{via}__" if via else ""
        allowed, denied = set[str](), set[str]()
        for effect, granted, target, limits in _grants_of(person, kind).values_list("effect", "action", "target", "limits"):
            if effect == Grant.Effect.ALLOW and action in ALLOWS[granted]:
                allowed.add(target)
            elif effect == Grant.Effect.DENY and action in FORBIDS[granted] and not limits:
                denied.add(target)
        if ALL in denied:
            return Q(pk__in=[])
        within = Q(**{f"{path}tenant": person.tenant_id})
        if ALL not in allowed:
            within &= Q(**{f"{path}owner": person.pk}) | Q(**{f"{path}id__in": _ids(allowed)})
        return within & ~Q(**{f"{path}id__in": _ids(denied)})


def grants_about(person: User, thing: Thing) -> QuerySet[Grant]:
    """Select the grants and denials in force for the person on the thing or on its whole kind."""
    about = _grants_of(person, thing.kind).filter(target__in=(thing.id, ALL))
    return about.select_related("person", "group")


def complaint(grant: Grant, arguments: dict[str, Any]) -> str | None:
    """Describe the first argument that is outside the grant's limits, or return None."""
    return grant_limits.complaint(grant.limits, arguments)


def forbids(grant: Grant, arguments: dict[str, Any] | None) -> bool:
    """Check whether a denial applies. With limits, it forbids matching arguments and those that cannot be evaluated."""
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
    """Select the grants and denials in force for the person, directly, through a group or through everyone."""
    groups = Membership.objects.filter(person=person.pk).values("group")
    whom = Q(person=person.pk) | Q(group__in=groups) | Q(person=None, group=None)
    current = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return Grant.objects.filter(whom, current, tenant=person.tenant_id, kind=kind)


def _ids(targets: Iterable[str]) -> list[UUID]:
    """Parse the targets that are row ids; an operator may have typed anything."""
    return [UUID(target) for target in sorted(targets) if _ID.fullmatch(target)]


def _by_limits(allowing: list[Grant], arguments: dict[str, Any] | None) -> Decision:
    refused = Decision(allowed=False, rule="nothing grants it")
    for grant in allowing:
        wrong = complaint(grant, arguments) if arguments is not None else None
        if wrong is None:
            return Decision(allowed=True, rule=str(grant), grant=grant.pk)
        refused = Decision(allowed=False, rule=f"{grant}, but not with these arguments: {wrong}", grant=grant.pk)
    return refused
