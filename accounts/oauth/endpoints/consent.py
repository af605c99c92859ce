"""The authorization endpoint (RFC 6749, 3.1): the page on which a person allows or denies an app.

No redirect happens before the person has decided. Anyone can create an app with a document, so immediate error redirects would
let this address send signed-in people to any site (RFC 9700, section 4.11.2). The page is never skipped, whatever `prompt` or
`approval_prompt` say and whatever was allowed before.
"""

import re
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidRequestError, OAuth2Error

from accounts.models import User
from accounts.oauth import connected_apps, ledger, redirects, resources
from accounts.oauth.endpoints.wire import AddressOnly
from accounts.oauth.redirects import Redirect
from accounts.oauth.resources import Resource
from accounts.oauth.scopes import SCOPES
from accounts.oauth.validator import invalid_target

S256 = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes (RFC 7636, 4.2)


class Asked(NamedTuple):
    """A valid authorization request."""

    application: Any
    resource: Resource
    scopes: list[str]
    redirect: Redirect
    credentials: dict[str, Any]


@method_decorator(never_cache, name="dispatch")
class Consent(LoginRequiredMixin, OAuthLibMixin, View):  # type: ignore[misc]  # the toolkit has no types
    """Shows the request and carries out the person's decision."""

    http_method_names = ["get", "head", "post"]
    oauthlib_backend_class = AddressOnly

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the page."""
        try:
            return _page(request, self._asked())
        except OAuthToolkitError as error:
            return _refusal(request, error)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Carry out the decision. The request is read from the address again, as it was for the page."""
        try:
            asked = self._asked()
        except OAuthToolkitError as error:
            return _refusal(request, error)
        answer = self._allowed(asked) if request.POST.get("decision") == "allow" else self._denied(asked)
        return HttpResponseRedirect(answer)

    def _asked(self) -> Asked:
        """Validate the request. Raises OAuthToolkitError."""
        if "\x00" in "".join(value for values in self.request.GET.lists() for value in values[1]):
            raise FatalClientError(InvalidRequestError(description="Parameters must not contain NUL."))
        scopes, credentials = self.validate_authorization_request(self.request)
        asked = credentials["request"]
        resource = _resource(self.request.GET.getlist("resource"))
        redirect = redirects.read(credentials["redirect_uri"])
        if self.request.GET.getlist("response_mode") not in ([], ["query"]):
            raise OAuthToolkitError(InvalidRequestError(description="The response_mode must be query.", request=asked))
        if not _is_s256(credentials):
            raise OAuthToolkitError(InvalidRequestError(description="PKCE with S256 is required (RFC 7636).", request=asked))
        if resource is None or redirect is None:  # the validator has checked the second one before
            raise OAuthToolkitError(invalid_target(asked))
        credentials["resource"] = [resource.address]
        return Asked(asked.client, resource, scopes, redirect, credentials)

    def _allowed(self, asked: Asked) -> str:
        """Allow the request; return the redirect with a code."""
        connected_apps.connect(_person(self.request), asked.application)
        address, *_ = self.create_authorization_response(self.request, " ".join(asked.scopes), asked.credentials, allow=True)
        _note("app.allowed", self.request, asked)
        return str(address)

    def _denied(self, asked: Asked) -> str:
        """Deny the request; return the redirect with the error."""
        _note("app.denied", self.request, asked)
        return _with_error(AccessDeniedError(request=asked.credentials["request"]))


def _resource(addresses: list[str]) -> Resource | None:
    return resources.named(addresses[0]) if len(addresses) == 1 else None


def _is_s256(credentials: dict[str, Any]) -> bool:
    challenge = credentials.get("code_challenge")
    return credentials.get("code_challenge_method") == "S256" and bool(S256.fullmatch(challenge or ""))


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)  # LoginRequiredMixin guarantees it


def _note(action: str, request: HttpRequest, asked: Asked) -> None:
    ledger.note(action, asked.application, _person(request), scopes=asked.scopes, resource=asked.resource.address)


def _page(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Render the page. Browsers apply `form-action` to redirects after a form, too, so this page allows the app's address."""
    host = connected_apps.voucher_of(asked.application)
    context = {
        "name": asked.application.name or host or asked.application.client_id,
        "app_host": host,
        "resource": asked.resource,
        "permissions": [SCOPES[scope] for scope in asked.scopes],
        "redirect": asked.redirect,
    }
    leading_on = csp_update({"form-action": [asked.redirect.source]})
    return leading_on(lambda request: render(request, "accounts/consent.html", context))(request)


def _refusal(request: HttpRequest, error: OAuthToolkitError) -> HttpResponse:
    """Explain the error, with a link back to the app if it has an address; the person chooses whether to follow it."""
    cause = error.oauthlib_error
    back = None if isinstance(error, FatalClientError) else redirects.read(cause.redirect_uri or "")
    context = {"why": cause.description or cause.error, "back": back, "address": _with_error(cause) if back else ""}
    return render(request, "accounts/consent_refused.html", context, status=400)


def _with_error(error: OAuth2Error) -> str:
    """Build the app's address with the error and its issuer (RFC 9207, section 2)."""
    separator = "&" if "?" in error.redirect_uri else "?"
    return f"{error.redirect_uri}{separator}{error.urlencoded}&{urlencode({'iss': settings.PUBLIC_URL})}"
