"""Who somebody is whom a provider vouches for: a person who is known, one who may become known, or nobody."""

import logging
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts import audit, claims, invitations, people
from accounts.entrance import confirmation
from accounts.models import Invitation, User
from accounts.providers import groups
from accounts.providers.known import OIDC_KIND, Provider
from accounts.texts import is_clean_json

PROVIDERS = "providers"  # the value of SIGN_UP with which they may bring new people
INVITED = "accounts.invitation"  # in the session: the id of the invitation whose page was open
LONGEST_NAME = 120
NONE = UUID(int=0)
OTHERWISE = "Or sign in here another way and link the two under Security."
REMEDIES: dict[type[claims.NotVouched], str] = {
    claims.NoAddress: f"Whoever runs this server can name the claim that holds it (OIDC_EMAIL_CLAIM). {OTHERWISE}",
    claims.Unverified: f"Verify it there. {OTHERWISE}",
    claims.NotSaid: f"Whoever runs this server can say that its addresses are verified (OIDC_EMAIL_TRUSTED). {OTHERWISE}",
}

logger = logging.getLogger(__name__)


class Refused(Exception):
    """They may not come in, or not like this. Says why, and what to do."""


def arrive(request: HttpRequest, login: SocialLogin, provider: Provider) -> User:
    """The person, with the groups that the provider tells of. Raises Refused."""
    if not is_clean_json([login.account.uid, login.account.extra_data, [one.email for one in login.email_addresses]]):
        raise Refused(f"What {provider.name} says of you holds characters that cannot be kept. Mend it there.")
    with transaction.atomic():
        person = login.user if login.is_existing else _linked(request, login, provider)
    if not person.is_active:
        raise Refused(people.SUSPENDED)
    told = groups.claimed(claims_of(login), provider.claim, provider.group_name)
    if told is not None:
        groups.sync(person, told)
    return person


def link(request: HttpRequest, login: SocialLogin, provider: Provider) -> None:
    """Let the signed-in person come in by this from now on. Raises Refused."""
    if not isinstance(request.user, User) or not confirmation.is_fresh(request):
        raise Refused("Too much time has passed. Begin again under Security.")
    if login.is_existing and login.user != request.user:
        raise Refused(f"This account of {provider.name} belongs to somebody else here.")
    if not login.is_existing:
        login.connect(request, request.user)


def claims_of(login: SocialLogin) -> dict[str, Any]:
    """What the provider says of them."""
    said = login.account.extra_data
    return dict(said.get("userinfo") or said)


def _linked(request: HttpRequest, login: SocialLogin, provider: Provider) -> User:
    """Somebody new from there: by a verified e-mail address one who is here, else one who may come."""
    addresses = _vouched(login, provider)
    person = User.objects.filter(email__in=addresses).first() or _newcomer(request, addresses, login, provider)
    if person.is_active:
        login.connect(request, person)
    return person


def _vouched(login: SocialLogin, provider: Provider) -> list[str]:
    """The person's own addresses, the first one first. Raises Refused where there is none."""
    found, refusals = [], []
    for told in _told(login, provider):
        try:
            found.append(claims.vouched_address(told, claim=provider.email_claim, is_trusted=provider.is_trusted))
        except claims.NotVouched as refusal:
            refusals.append(refusal)
    if found:
        return found
    why = refusals[0] if refusals else claims.NoAddress("sends no e-mail address")
    logger.warning("%s %s. It sends the claims: %s.", provider.name, why, ", ".join(sorted(claims_of(login))))
    raise Refused(f"{provider.name} {why}. {REMEDIES[type(why)]}")


def _told(login: SocialLogin, provider: Provider) -> list[dict[str, Any]]:
    """What is claimed of each address. GitHub lists several, in words of its own."""
    if provider.kind == OIDC_KIND:
        return [claims_of(login)]
    listed = sorted(login.email_addresses, key=lambda one: not one.primary)
    return [{claims.EMAIL: one.email, claims.VERIFIED: one.verified} for one in listed]


def _newcomer(request: HttpRequest, addresses: list[str], login: SocialLogin, provider: Provider) -> User:
    name = str(claims_of(login).get("name") or "")[:LONGEST_NAME]
    if invitation := Invitation.objects.filter(pk=request.session.get(INVITED, NONE)).first():
        return _invited(invitation, addresses, name, provider)
    if settings.ENVIRONMENT.sign_up != PROVIDERS:
        raise Refused(f"Nobody here has the address {addresses[0]}. An operator can invite you.")
    person = people.find_or_make(addresses[0])
    person.name = name
    person.save(update_fields=["name"])
    audit.record("person.signed_up", "person", person.pk, provider=provider.key)
    return person


def _invited(invitation: Invitation, addresses: list[str], name: str, provider: Provider) -> User:
    """Whoever holds the invitation's link, if the provider knows them by the address that was invited."""
    if invitation.email not in addresses:
        raise Refused(f"You were invited as {invitation.email}, and {provider.name} knows you as {addresses[0]}.")
    try:
        return invitations.accept(invitation, name=name, password=None)
    except invitations.NotOpen as error:
        raise Refused("This invitation was used or taken back, or is too old. Ask whoever invited you.") from error
