"""Allauth's protocols with providers, plus what they lack: a nonce, the signature, one return address."""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.sign_in.providers import calling, id_tokens

DISCOVERY_SECONDS = 60
EMAIL = ("email", "email_verified")
ANNOUNCES_ISSUER = "authorization_response_iss_parameter_supported"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def nonce_of(state: str) -> str:
    """Compute the value that ties an ID token to this sign-in. The state is single-use, and only we can compute this."""
    return salted_hmac("accounts.providers.nonce", state, algorithm="sha256").hexdigest()


class NotBelieved(OAuth2Error):  # type: ignore[misc]  # allauth is partly typed
    """The provider's answer is contradictory, possibly an attack. Other errors are merely the provider's trouble."""


class _BackHere:
    """Returns people always to the portal's public address, whatever host a request names."""

    key: str

    def get_callback_url(self, _request: HttpRequest, _app: Any) -> str:
        return settings.PUBLIC_URL + reverse("accounts:provider-back", args=[self.key])


class NonceClient(OAuth2Client):  # type: ignore[misc]  # allauth is partly typed
    """Adds the nonce to the request."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        """Build the address that the browser is sent to."""
        nonce = {"nonce": nonce_of(self.state)}
        return str(super().get_redirect_url(authorization_url, scope, extra_params | nonce))


class OpenIDConnect(_BackHere, OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth is partly typed
    """Any issuer. Its published configuration is cached for a minute."""

    client_class = NonceClient

    @property
    def key(self) -> str:  # type: ignore[override]
        """Return the issuer's part of our address."""
        return str(self.provider_id)

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the issuer's published configuration. Raises RequestException, OAuth2Error."""
        issuer = self.get_provider().app.settings["server_url"]
        place = f"accounts:issuer:{hashlib.sha256(issuer.encode()).hexdigest()}"
        held: dict[str, Any] | None = cache.get(place)
        if held is None:
            held = _fit(super().openid_config, issuer)
            cache.set(place, held, DISCOVERY_SECONDS)
        return held

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Return the identity that signed in. Raises OAuth2Error."""
        claims = self._claims(request, app, kwargs["response"].get("id_token") or "")
        more = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else {}
        if more.get("sub", claims["sub"]) != claims["sub"]:
            raise NotBelieved("its user info is about another person than its ID token")
        said = {"id_token": claims, "userinfo": _together(claims, more)}
        login = self.get_provider().sociallogin_from_response(request, said)
        # A subject is unique only for its issuer: after a change of issuer, no one must be taken for an earlier person.
        login.account.uid = hashlib.sha256(f"{claims['iss']}\n{claims['sub']}".encode()).hexdigest()
        return login

    def get_access_token_data(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exchange the code for tokens, at its own issuer only (RFC 9207). Raises NotBelieved."""
        said, config = request.GET.getlist("iss"), self.openid_config
        if (said or config.get(ANNOUNCES_ISSUER) is True) and said != [config["issuer"]]:
            raise NotBelieved("the answer is from another issuer or does not name one")
        return super().get_access_token_data(request, *args, **kwargs)

    def _fetch_user_info(self, access_token: str) -> dict[str, Any]:
        """Fetch user info as JSON or signed (OpenID Connect Core 1.0, section 5.3.2). Raises RequestException, NotBelieved."""
        with calling.ProviderSession() as session:
            answer = session.get(self.profile_url, headers={"Authorization": f"Bearer {access_token}"})
            answer.raise_for_status()
        if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/jwt":
            return dict(answer.json())
        app = self.get_provider().app
        try:
            return id_tokens.signed(answer.text, self._keys(), issuer=self.openid_config["issuer"], audience=app.client_id)
        except id_tokens.BadIdToken as error:
            raise NotBelieved(str(error)) from error

    def _claims(self, request: HttpRequest, app: Any, token: str) -> dict[str, Any]:
        nonce = nonce_of(request.GET.get("state", ""))
        try:
            return id_tokens.verified(
                token, self._keys(), issuer=self.openid_config["issuer"], audience=app.client_id, nonce=nonce
            )
        except id_tokens.BadIdToken as error:
            raise NotBelieved(str(error)) from error

    def _keys(self) -> Any:
        with calling.ProviderSession() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        return answer.json()


class OpenIDConnectIssuer(OpenIDConnectProvider):  # type: ignore[misc]  # allauth is partly typed
    """The provider with that protocol."""

    oauth2_adapter_class = OpenIDConnect


class GitHub(_BackHere, GitHubOAuth2Adapter):  # type: ignore[misc]  # allauth is partly typed
    """GitHub, or a company's own (GITHUB_URL)."""

    key = "github"


class GitHubHere(GitHubProvider):  # type: ignore[misc]  # allauth is partly typed
    """The provider with that protocol."""

    oauth2_adapter_class = GitHub


def _together(claims: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Merge both, taking the email address and its verification from one of them: the signed one, if it has an address."""
    source = claims if "email" in claims else more
    email = {name: source[name] for name in EMAIL if name in source}
    return {name: value for name, value in (claims | more).items() if name not in EMAIL} | email


def _fit(config: Any, issuer: str) -> dict[str, Any]:
    """Check the configuration of that issuer (OpenID Connect Discovery 1.0, section 4.3). Raises OAuth2Error."""
    if not isinstance(config, dict) or str(config.get("issuer", "")).rstrip("/") != issuer:
        raise NotBelieved("its configuration names another issuer")
    if any(urlsplit(str(config.get(name))).scheme not in ("http", "https") for name in ENDPOINTS):
        raise OAuth2Error("its configuration lacks an address")
    return config
