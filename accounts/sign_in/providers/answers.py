"""Pages shown when a provider did not sign a person in."""

import logging

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.identity import failed_logins
from accounts.sign_in.providers import wires
from accounts.sign_in.providers.known import Provider

logger = logging.getLogger(__name__)

# Errors of a provider that is away or answers with nonsense.
TROUBLE = (requests.RequestException, OAuth2Error, KeyError, ValueError, TypeError, AttributeError)


def refused(request: HttpRequest, provider: Provider, words: str, *, status: int = 403) -> HttpResponse:
    """Show the page with the reason and what to do."""
    return render(request, "accounts/provider_refused.html", {"provider": provider, "words": words}, status=status)


def failed(request: HttpRequest, provider: Provider, error: Exception | None) -> HttpResponse:
    """Answer when a provider is away or its answer cannot be verified. The log says more than the page."""
    logger.warning("Signing in with %s failed: %s", provider.name, error or "no reason given, or not started here")
    if isinstance(error, requests.RequestException):
        words = f"{provider.name} does not answer. Try again in a few minutes, or sign in another way."
        return refused(request, provider, words, status=502)
    if error is not None and not isinstance(error, wires.NotBelieved):
        words = f"{provider.name} sent an unusable answer. Try again in a few minutes. The server log has the details."
        return refused(request, provider, words, status=502)
    failed_logins.note(request.scope, str(error or "no such sign-in was started"), door=provider.key)  # type: ignore[attr-defined]
    if error is None:
        return refused(request, provider, "This sign-in was not started here, or too long ago. Start again.")
    return refused(request, provider, f"The answer of {provider.name} could not be verified. The server log says why.")
