"""The person behind a provider's identity: a known one, a new one who may join, or a refusal."""

import logging
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts import audit
from accounts.identity import claims
from accounts.models import Invitation, User
from accounts.people import directory, invitations
from accounts.sign_in import recent_login
from accounts.sign_in.providers import groups
from accounts.sign_in.providers.known import OIDC_KIND, Provider
from accounts.storage.texts import is_clean_json

PROVIDERS = "providers"  # the value of SIGN_UP with which providers may bring new people
INVITED = "accounts.invitation"  # in the session: the id of the invitation whose page was open
LONGEST_NAME = 120
NONE = UUID(int=0)
OTHERWISE = "Or sign in here another way and link the two accounts under Security."
REMEDIES: dict[type[claims.NotVouched], str] = {
    claims.NoAddress: f"The operator of this server can name the claim that has it (OIDC_EMAIL_CLAIM). {OTHERWISE}",
    claims.Unverified: f"Verify it there. {OTHERWISE}",
    claims.NotSaid: f"The operator of this server can trust its addresses (OIDC_EMAIL_TRUSTED). {OTHERWISE}",
}

logger = logging.getLogger(__name__)


class Refused(Exception):
    """They may not sign in, or not like this. The message says why and what to do."""


def arrive(request: HttpRequest, login: SocialLogin, provider: Provider) -> User:
    """Return the person, with their groups synced from the provider. Raises Refused."""
    if not is_clean_json([login.account.uid, login.account.extra_data, [one.email for one in login.email_addresses]]):
        raise Refused(f"Your profile at {provider.name} contains characters that Galaxy cannot store. Change it there.")
    with transaction.atomic():
        person = login.user if login.is_existing else _linked(request, login, provider)
    if not person.is_active:
        raise Refused(directory.SUSPENDED)
    told = groups.claimed(claims_of(login), provider.claim, provider.group_name)
    if told is not None:
        groups.sync(person, told)
    return person


def link(request: HttpRequest, login: SocialLogin, provider: Provider) -> None:
    """Link the provider's account to the signed-in person. Raises Refused."""
    if not isinstance(request.user, User) or not recent_login.is_fresh(request):
        raise Refused("Too much time has passed. Start again under Security.")
    if login.is_existing and login.user != request.user:
        raise Refused(f"This account of {provider.name} is linked to another person here.")
    if not login.is_existing:
        login.connect(request, request.user)


def claims_of(login: SocialLogin) -> dict[str, Any]:
    """Return the provider's claims about the person."""
    said = login.account.extra_data
    return dict(said.get("userinfo") or said)


def _linked(request: HttpRequest, login: SocialLogin, provider: Provider) -> User:
    """Find the person for a new provider account by a verified email address, or create one who may join."""
    addresses = _vouched(login, provider)
    person = User.objects.filter(email__in=addresses).first() or _newcomer(request, addresses, login, provider)
    if person.is_active:
        login.connect(request, person)
    return person


def _vouched(login: SocialLogin, provider: Provider) -> list[str]:
    """Return the person's own addresses, the primary one first. Raises Refused if there is none."""
    found, refusals = [], []
    for told in _told(login, provider):
        try:
            found.append(claims.vouched_address(told, claim=provider.email_claim, is_trusted=provider.is_trusted))
        except claims.NotVouched as refusal:
            refusals.append(refusal)
    if found:
        return found
    why = refusals[0] if refusals else claims.NoAddress("does not send an email address")
    logger.warning("%s %s. It sends the claims: %s.", provider.name, why, ", ".join(sorted(claims_of(login))))
    raise Refused(f"{provider.name} {why}. {REMEDIES[type(why)]}")


def _told(login: SocialLogin, provider: Provider) -> list[dict[str, Any]]:
    """List the claims for each address. GitHub lists several, in its own format."""
    if provider.kind == OIDC_KIND:
        return [claims_of(login)]
    listed = sorted(login.email_addresses, key=lambda one: not one.primary)
    return [{claims.EMAIL: one.email, claims.VERIFIED: one.verified} for one in listed]


def _newcomer(request: HttpRequest, addresses: list[str], login: SocialLogin, provider: Provider) -> User:
    name = str(claims_of(login).get("name") or "")[:LONGEST_NAME]
    if invitation := Invitation.objects.filter(pk=request.session.get(INVITED, NONE)).first():
        return _invited(invitation, addresses, name, provider)
    if settings.ENVIRONMENT.sign_up != PROVIDERS:
        raise Refused(f"No one here has the address {addresses[0]}. Ask an operator to invite you.")
    person = directory.find_or_make(addresses[0])
    person.name = name
    person.save(update_fields=["name"])
    audit.record("person.signed_up", "person", person.pk, provider=provider.key)
    return person


def _invited(invitation: Invitation, addresses: list[str], name: str, provider: Provider) -> User:
    """Accept the invitation whose page was open, if the provider confirms the invited address."""
    if invitation.email not in addresses:
        raise Refused(f"You were invited as {invitation.email}, but {provider.name} knows you as {addresses[0]}.")
    try:
        return invitations.accept(invitation, name=name, password=None)
    except invitations.NotOpen as error:
        raise Refused("This invitation has been used or revoked, or has expired. Ask for a new one.") from error
