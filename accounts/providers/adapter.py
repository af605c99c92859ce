"""What django-allauth asks about providers. `arrivals` decides who comes in, `door` lets them in."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts import audit
from accounts.entrance import door
from accounts.providers import answers, arrivals, known, wires
from accounts.providers.calling import ProviderSession

KINDS = {known.OIDC_KIND: wires.OpenIDConnectIssuer, known.GITHUB_KIND: wires.GitHubHere}


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is partly typed
    """Providers of the environment; none of the database's."""

    def list_apps(self, _request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        """Those that are set up."""
        apps = [one.as_app() for one in known.providers() if provider in (None, one.key, one.kind)]
        return [app for app in apps if client_id in (None, app.client_id)]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """One, with our wire."""
        app = self.get_app(request, provider=provider, client_id=client_id)
        return KINDS[app.provider](request, app=app)

    def get_requests_session(self) -> ProviderSession:
        """How they are called."""
        return ProviderSession()

    def is_open_for_signup(self, _request: HttpRequest, _login: SocialLogin) -> bool:
        """Never by allauth's own form."""
        return False

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """There is no mail server; the audit has it."""

    def pre_social_login(self, request: HttpRequest, login: SocialLogin) -> None:
        """The provider has vouched for somebody. Whatever follows is ours, so it always raises."""
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
        """It did not vouch for anybody."""
        found = known.named(provider.sub_id)
        assert found  # noqa: S101  it has just been asked
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("accounts:sign-in"))
        raise ImmediateHttpResponse(answers.failed(request, found, exception))


def _follow(request: HttpRequest, login: SocialLogin, provider: known.Provider) -> HttpResponseBase:
    if login.state.get("process") == AuthProcess.CONNECT:
        arrivals.link(request, login, provider)
        messages.success(request, f"You can come in by {provider.name} from now on.")
        return redirect("accounts:security")
    person = arrivals.arrive(request, login, provider)
    return door.enter(request, person, provider.key, next_page=login.state.get("next") or "")
