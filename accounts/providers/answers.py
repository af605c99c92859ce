"""What a person sees when a provider did not let them in."""

import logging

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import attempts
from accounts.providers import wires
from accounts.providers.known import Provider

logger = logging.getLogger(__name__)

# What a provider that is away or beside itself makes of a conversation with it.
TROUBLE = (requests.RequestException, OAuth2Error, KeyError, ValueError, TypeError, AttributeError)


def refused(request: HttpRequest, provider: Provider, words: str, *, status: int = 403) -> HttpResponse:
    """The page, with what to do."""
    return render(request, "accounts/provider_refused.html", {"provider": provider, "words": words}, status=status)


def failed(request: HttpRequest, provider: Provider, error: Exception | None) -> HttpResponse:
    """It is away, or what it says is not believed. The log says more than the page."""
    logger.warning("Nobody could sign in by %s: %s", provider.name, error or "it did not say why, or was not asked by us")
    if isinstance(error, requests.RequestException):
        words = f"{provider.name} does not answer just now. Try again in a while, or come in another way."
        return refused(request, provider, words, status=502)
    if error is not None and not isinstance(error, wires.NotBelieved):
        words = f"{provider.name} gave an answer that is of no use. The log of this server has it. Try again in a while."
        return refused(request, provider, words, status=502)
    attempts.note(request.scope, str(error or "no such sign-in was begun"), door=provider.key)  # type: ignore[attr-defined]
    if error is None:
        return refused(request, provider, "This sign-in was not begun here, or too long ago. Begin it again.")
    return refused(
        request, provider, f"What {provider.name} says cannot be believed. Whoever runs this server finds why in its log."
    )
