"""Groups that a provider tells of: who has one there is in ours that names it, and out of it when they have it no more."""

from typing import Any

from django.db import transaction

from accounts.models import Group, Membership, User

MOST = 1_000


def claimed(claims: dict[str, Any], name: str) -> set[str] | None:
    """The groups in a claim; none for an empty one, and None where it is absent: then nothing is known, nothing changes."""
    value = claims.get(name) if name else None
    if value is None:
        return None
    values = value if isinstance(value, list) else [value]
    return {str(one) for one in values[:MOST] if isinstance(one, str | int) and str(one)}


def sync(person: User, names: set[str]) -> None:
    """Put the person into the groups of their tenant that map one of these, and take them out of the others.

    Only where a provider put them: what an operator decided stays. Each change is told and recorded (`accounts.signals`).
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)  # two sign-ins at once do it one after the other
        wanted = Group.objects.filter(tenant=person.tenant_id, claim__in=names).exclude(claim="")
        mine = Membership.objects.filter(person=person, source=Membership.Source.PROVIDER)
        mine.exclude(group__in=wanted).delete()
        for group in wanted.exclude(memberships__person=person):
            Membership.objects.create(group=group, person=person, source=Membership.Source.PROVIDER)
