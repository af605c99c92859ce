"""Groups that a provider tells of: who has one there is in ours that names it, and out of it when they have it no more."""

import logging
from typing import Any

from django.db import transaction

from accounts.claims import value_at
from accounts.models import Group, Membership, User

MOST = 1_000

logger = logging.getLogger(__name__)


def claimed(claims: dict[str, Any], name: str, member: str = "") -> set[str] | None:
    """The groups in a claim; none for an empty one. None where it is absent or cannot be read: nothing changes.

    `member` names what holds the name, where the issuer lists groups as objects.
    """
    value = value_at(claims, name) if name else None
    if value is None:
        if name:
            logger.warning("The provider sends no claim %s (OIDC_GROUPS_CLAIM): groups stay as they are.", name)
        return None
    values = value if isinstance(value, list) else [value]
    names = {str(one) for one in (_named(each, member) for each in values[:MOST]) if isinstance(one, str | int) and str(one)}
    if any(values) and not names:
        logger.warning(
            "The claim %s cannot be read: groups stay as they are. OIDC_GROUPS_NAME names a group's name in it.", name
        )
        return None
    return names


def _named(group: Any, member: str) -> Any:
    return group.get(member) if isinstance(group, dict) else group


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
