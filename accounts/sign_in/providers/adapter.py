"""Adapter between django-allauth and our providers. `arrivals` decides who is admitted, `login_flow` signs them in."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts import audit
from accounts.sign_in import login_flow
from accounts.sign_in.providers import answers, arrivals, known, wires
from accounts.sign_in.providers.calling import ProviderSession

KINDS = {known.OIDC_KIND: wires.OpenIDConnectIssuer, known.GITHUB_KIND: wires.GitHubHere}


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is partly typed
    """Uses the providers of the environment and none of the database."""

    def list_apps(self, _request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        """List the configured providers."""
        apps = [one.as_app() for one in known.providers() if provider in (None, one.key, one.kind)]
        return [app for app in apps if client_id in (None, app.client_id)]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return a provider with our version of its protocol."""
        app = self.get_app(request, provider=provider, client_id=client_id)
        return KINDS[app.provider](request, app=app)

    def get_requests_session(self) -> ProviderSession:
        """Return the session that calls providers."""
        return ProviderSession()

    def is_open_for_signup(self, _request: HttpRequest, _login: SocialLogin) -> bool:
        """Refuse: allauth's own form is not used."""
        return False

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """Send nothing: there is no mail server, and the audit records it."""

    def pre_social_login(self, request: HttpRequest, login: SocialLogin) -> None:
        """Continue after the provider identified a person. All further steps are ours, so this always raises."""
        provider = known.named(login.account.provider)
        assert provider  # noqa: S101  it has just been asked
        try:
            response = _follow(request, login, provider)
        except arrivals.Refused as refusal:
            audit.record("sign_in.refused", "person", outcome="refused", door=provider.key, why="arrival")
            response = answers.refused(request, provider, str(refusal))
        raise ImmediateHttpResponse(response)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **_: Any
    ) -> None:
        """Answer a failed sign-in."""
        found = known.named(provider.sub_id)
        assert found  # noqa: S101  it has just been asked
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("accounts:sign-in"))
        raise ImmediateHttpResponse(answers.failed(request, found, exception))


def _follow(request: HttpRequest, login: SocialLogin, provider: known.Provider) -> HttpResponseBase:
    if login.state.get("process") == AuthProcess.CONNECT:
        arrivals.link(request, login, provider)
        messages.success(request, f"You can now sign in with {provider.name}.")
        return redirect("accounts:security")
    person = arrivals.arrive(request, login, provider)
    return login_flow.enter(request, person, provider.key, next_page=login.state.get("next") or "")
