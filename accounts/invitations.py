"""Inviting somebody, and what becomes of it. There is no mail server: whoever invites passes the link on."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit, single_use
from accounts.models import Group, Invitation, Membership, Tenant, User

NOBODY = "nobody"  # the value of SIGN_UP with which there are no new people


class CannotInvite(ValueError):
    """Nobody can be invited like this. Says why."""


class NotOpen(Exception):
    """The invitation was used, taken back or replaced, or is too old: see its state."""


def invite(email: str, tenant: Tenant, groups: Iterable[Group] = (), *, by: User | None = None) -> tuple[Invitation, str]:
    """A new invitation, in the place of an open one of that address, and its link. Raises CannotInvite."""
    email, wanted = email.strip().lower(), list(groups)
    check(email, tenant, wanted)
    token = Invitation.new_token()
    with transaction.atomic():
        for older in open_for(email):
            revoke(older)
        made = Invitation.objects.create(
            digest=Invitation.digest_of(token),
            email=email,
            tenant=tenant,
            invited_by=by,
            expires_at=timezone.now() + Invitation.LIFETIME,
        )
        made.groups.set(wanted)
        audit.record("invitation.made", "invitation", made.pk, groups=[str(group.pk) for group in wanted])
    return made, settings.PUBLIC_URL + reverse("accounts:invitation", args=[token])


def check(email: str, tenant: Tenant, groups: list[Group]) -> None:
    """Raises CannotInvite."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise CannotInvite(f"{email or 'Nothing'} is no e-mail address.") from error
    if settings.ENVIRONMENT.sign_up == NOBODY:
        raise CannotInvite("SIGN_UP=nobody: nobody new is let in here.")
    if User.objects.filter(email=email).exists():
        raise CannotInvite(f"{email} is here already. A sign-in link brings them in: make link EMAIL={email}")
    if any(group.tenant_id != tenant.pk for group in groups):
        raise CannotInvite("A group belongs to another tenant.")


def open_for(email: str) -> list[Invitation]:
    """The invitations of an address that can still be accepted."""
    now = timezone.now()
    return list(Invitation.objects.filter(email=email.lower(), accepted_at=None, revoked_at=None, expires_at__gt=now))


def of_token(token: str) -> Invitation | None:
    """The invitation with that link, in whatever state."""
    return Invitation.objects.select_related("tenant", "invited_by").filter(digest=Invitation.digest_of(token)).first()


def revoke(invitation: Invitation) -> bool:
    """Take it back. False for one that was accepted or taken back before."""
    unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not single_use.spend(unused, revoked_at=timezone.now()):
        return False
    audit.record("invitation.revoked", "invitation", invitation.pk)
    return True


def accept(invitation: Invitation, *, name: str, password: str | None) -> User:
    """The new person; the invitation is used up. Raises NotOpen: of two at once, one is late."""
    now = timezone.now()
    usable = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now)
    try:
        with transaction.atomic():
            if not single_use.spend(usable, accepted_at=now):
                raise NotOpen
            person = User.objects.create_user(invitation.email, password, tenant=invitation.tenant, name=name)
            for group in invitation.groups.all():
                Membership.objects.create(group=group, person=person)
            Invitation.objects.filter(pk=invitation.pk).update(person=person)
            audit.record("invitation.accepted", "invitation", invitation.pk, person=person.pk)
            return person
    except IntegrityError as error:  # the address has come in by another door meanwhile
        raise NotOpen from error
