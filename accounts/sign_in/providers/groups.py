"""Sync of memberships from a provider's groups claim."""

import logging
from typing import Any

from django.db import transaction

from accounts.identity.claims import value_at
from accounts.models import Group, Membership, User
from accounts.storage import hints

MOST = 1_000
KEPT_SECONDS = 30 * 24 * 3600  # a hint for the doctor, unless a sign-in clears it
USUAL = "groups"  # the claim where none is set

logger = logging.getLogger(__name__)


def claimed(claims: dict[str, Any], name: str, member: str = "") -> set[str] | None:
    """Read the groups in a claim; None if it is absent or unreadable, which changes nothing.

    `member` is the field that has the name, if the issuer lists groups as objects.
    """
    value = value_at(claims, name) if name else None
    if value is None:
        if name:
            logger.warning("The provider does not send the claim %s (OIDC_GROUPS_CLAIM): groups stay as they are.", name)
            _hint(f"the provider sent no claim {name}", name)
        return None
    values = value if isinstance(value, list) else [value]
    names = {str(one) for one in (_named(each, member) for each in values[:MOST]) if isinstance(one, str | int) and str(one)}
    if any(values) and not names:
        logger.warning(
            "The claim %s cannot be read: groups stay as they are. Set OIDC_GROUPS_NAME to the field with the name.", name
        )
        _hint(f"the claim {name} could not be read", name)
        return None
    hints.clear(hints.GROUPS_CLAIM)
    return names


def _hint(words: str, name: str) -> None:
    """Tell the doctor, where groups are expected: the usual claim is asked for without anyone's having said so."""
    if name != USUAL or Group.objects.exclude(claim="").exists():
        hints.leave(hints.GROUPS_CLAIM, words, seconds=KEPT_SECONDS)


def _named(group: Any, member: str) -> Any:
    return group.get(member) if isinstance(group, dict) else group


def sync(person: User, names: set[str]) -> None:
    """Add the person to the groups of their tenant that map one of these names, and remove them from the others.

    Only memberships from a provider are removed: an operator's decisions stay. `accounts.access.signals` publishes and records
    each change.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)  # two sign-ins at once run one after the other
        wanted = Group.objects.filter(tenant=person.tenant_id, claim__in=names).exclude(claim="")
        mine = Membership.objects.filter(person=person, source=Membership.Source.PROVIDER)
        mine.exclude(group__in=wanted).delete()
        for group in wanted.exclude(memberships__person=person):
            Membership.objects.create(group=group, person=person, source=Membership.Source.PROVIDER)
