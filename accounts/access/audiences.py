"""Audiences of notices, by what people may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import notices
from accounts.access import READ, Thing, may
from accounts.models import Grant, Membership, User
from accounts.models.grants import ALL
from accounts.notices import Address, Audience


def group(group_id: UUID) -> Audience:
    """Everyone who is in the group now."""
    members = Membership.objects.filter(group=group_id, person__is_active=True)
    return lambda: map(notices.address_of, members.values_list("person", flat=True))


def readers(thing: Thing) -> Audience:
    """Everyone who may read the thing: its owner, and those to whom it is granted, each asked about.

    What is granted to the whole tenant is told to all of it, and not named: someone in it may be denied. Whoever may read all
    things of the kind by no more than that, as a tenant's reviewers, is not told of each.
    """
    return _Readers(thing)


@dataclass(frozen=True)
class _Readers:
    """A value, so that two notices about one thing ask once."""

    thing: Thing

    def __call__(self) -> list[Address]:
        return list(_readers(self.thing))


def _readers(thing: Thing) -> Iterator[Address]:
    grants = Grant.objects.filter(tenant=thing.tenant_id, kind=thing.kind, target__in=(thing.id, ALL))
    granted = list(grants.filter(effect=Grant.Effect.ALLOW).only("person", "group", "target"))
    if any(grant.person_id is grant.group_id is None and grant.target == thing.id for grant in granted):
        yield from notices.tenant(thing.tenant_id, may_name=False)()
    people = {grant.person_id for grant in granted if grant.person_id}
    groups = {grant.group_id for grant in granted if grant.group_id}
    if not people and not groups:
        yield from [notices.address_of(thing.owner_id)] if thing.owner_id else []
        return
    for who in _people(thing, people, groups):
        if may(who, READ, thing):
            yield notices.address_of(who.pk)


def _people(thing: Thing, people: set[UUID], groups: set[UUID]) -> "QuerySet[User]":
    asked = Q(pk__in=people) | Q(memberships__group__in=groups) | Q(pk=thing.owner_id)
    return User.objects.filter(asked, tenant=thing.tenant_id).distinct()
