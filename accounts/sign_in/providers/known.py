"""The configured providers of this installation."""

from typing import NamedTuple

from allauth.socialaccount.models import SocialApp
from django.conf import settings

GOOGLE = "https://accounts.google.com"
OIDC_KIND, GITHUB_KIND = "openid_connect", "github"


class Provider(NamedTuple):
    """A provider. `key` is its part of our addresses and identifies its accounts.

    `claim` has its groups, `email_claim` the address; with `is_trusted`, the address counts as verified unless the provider
    denies it.
    """

    key: str
    kind: str
    name: str
    icon: str
    client_id: str
    secret: str
    issuer: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    claim: str = ""
    group_name: str = ""
    email_claim: str = "email"
    is_trusted: bool = False

    def as_app(self) -> SocialApp:
        """Convert to allauth's form, which is not in the database."""
        return SocialApp(
            provider=self.kind,
            provider_id=self.key if self.kind == OIDC_KIND else "",
            name=self.name,
            client_id=self.client_id,
            secret=self.secret,
            settings={"server_url": self.issuer, "oauth_pkce_enabled": True, "scope": list(self.scopes)},
        )


def providers() -> list[Provider]:
    """List the configured providers in the order of the sign-in page."""
    given = settings.ENVIRONMENT
    found = []
    if given.oidc_issuer and given.oidc_client_id and given.oidc_client_secret:
        name, scopes = given.oidc_name or "single sign-on", tuple(given.oidc_scopes.split())
        own = Provider("oidc", OIDC_KIND, name, "shield-check", given.oidc_client_id, given.oidc_client_secret)
        own = own._replace(issuer=given.oidc_issuer.rstrip("/"), scopes=scopes, claim=given.oidc_groups_claim)
        own = own._replace(group_name=given.oidc_groups_name, email_claim=given.oidc_email_claim)
        found.append(own._replace(is_trusted=given.oidc_email_trusted))
    if given.google_client_id and given.google_client_secret:
        keys = (given.google_client_id, given.google_client_secret)
        found.append(Provider("google", OIDC_KIND, "Google", "globe", *keys, issuer=GOOGLE))
    if given.github_client_id and given.github_client_secret:
        keys = (given.github_client_id, given.github_client_secret)
        found.append(Provider("github", GITHUB_KIND, "GitHub", "globe", *keys, scopes=("user:email",)))
    return found


def named(key: str) -> Provider | None:
    """Return the provider with that key."""
    return next((provider for provider in providers() if provider.key == key), None)
