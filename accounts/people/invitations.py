"""Invitations and their lifecycle. There is no mail server: the inviting person passes the link on."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import Group, Invitation, Membership, Tenant, User
from accounts.storage import single_use

NOBODY = "nobody"  # the value of SIGN_UP with which no one can join


class CannotInvite(ValueError):
    """The person cannot be invited. The message says why."""


class NotOpen(Exception):
    """The invitation was used, revoked or replaced, or has expired: see its state."""


def invite(email: str, tenant: Tenant, groups: Iterable[Group] = (), *, by: User | None = None) -> tuple[Invitation, str]:
    """Create an invitation and its link, replacing an open one of that address. Raises CannotInvite."""
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
    """Check that the person can be invited. Raises CannotInvite."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise CannotInvite(f"{email or 'This'} is not an email address.") from error
    if settings.ENVIRONMENT.sign_up == NOBODY:
        raise CannotInvite("This Galaxy does not admit new people (SIGN_UP=nobody).")
    if User.objects.filter(email=email).exists():
        raise CannotInvite(f"{email} already has an account. Create a sign-in link for them: make link EMAIL={email}")
    if any(group.tenant_id != tenant.pk for group in groups):
        raise CannotInvite("A group belongs to another tenant.")


def open_for(email: str) -> list[Invitation]:
    """List an address's invitations that can still be accepted."""
    now = timezone.now()
    return list(Invitation.objects.filter(email=email.lower(), accepted_at=None, revoked_at=None, expires_at__gt=now))


def of_token(token: str) -> Invitation | None:
    """Return the invitation with that link, in whatever state."""
    return Invitation.objects.select_related("tenant", "invited_by").filter(digest=Invitation.digest_of(token)).first()


def revoke(invitation: Invitation) -> bool:
    """Revoke it. Return False if it was accepted or revoked before."""
    unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not single_use.spend(unused, revoked_at=timezone.now()):
        return False
    audit.record("invitation.revoked", "invitation", invitation.pk)
    return True


def accept(invitation: Invitation, *, name: str, password: str | None) -> User:
    """Create the person and use up the invitation. Raises NotOpen, also for the slower of two parallel attempts."""
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
    except IntegrityError as error:  # the address was created another way meanwhile
        raise NotOpen from error
