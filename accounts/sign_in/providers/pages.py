"""Views that send people to a provider, receive them back, and unlink a provider's account."""

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.internal.flows.connect import disconnect
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.identity import origins
from accounts.sign_in import login_flow, recent_login
from accounts.sign_in.frame import form_of, person_of
from accounts.sign_in.providers import answers, known
from accounts.storage import single_use


@never_cache
@require_POST
def leave(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Send the person to the provider to sign in."""
    return _leave(request, _known(provider), AuthProcess.LOGIN, login_flow.safe(request, request.POST.get("next", "")))


@never_cache
@form_of("accounts:security")
@recent_login.required
def link(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Send the person to the provider to link their account."""
    return _leave(request, _known(provider), AuthProcess.CONNECT, reverse("accounts:security"))


@never_cache
@require_safe
@login_flow.counted("provider")
def back(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Receive the person back from the provider, with its statement."""
    found = _known(provider)
    if not _is_first(request):
        return answers.failed(request, found, None)
    try:
        wire = get_adapter(request).get_provider(request, found.key).get_oauth2_adapter(request)
        response: HttpResponseBase = OAuth2CallbackView.adapter_view(wire)(request)
    except answers.TROUBLE as error:
        return answers.failed(request, found, error)
    return response


@form_of("accounts:security")
@recent_login.required
def part(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Unlink the account, unless it is the person's only sign-in method."""
    person = person_of(request)
    account = get_object_or_404(SocialAccount, pk=account_id, user=person)
    others = SocialAccount.objects.filter(user=person).exclude(pk=account.pk).exists()
    if not others and not recent_login.means(person) & {"password", "passkey"}:
        messages.error(request, "This is your only way to sign in. Set a password or add a passkey first.")
        return redirect("accounts:security")
    disconnect(request, account)
    return redirect("accounts:security")


def _is_first(request: HttpRequest) -> bool:
    """Check that this state is used for the first time. One of another browser is not spent: it is refused as unknown."""
    state = request.GET.get("state", "")
    return state not in statekit.get_states(request) or single_use.spend_word("state", state, seconds=statekit.STATE_TTL)


def _known(key: str) -> known.Provider:
    found = known.named(key)
    if found is None:
        raise Http404
    return found


def _leave(request: HttpRequest, provider: known.Provider, process: str, following: str) -> HttpResponseBase:
    if not origins.is_public(request.get_host()):
        # The provider sends people back to the public address only, where this session is unknown.
        return _leaving(request, settings.PUBLIC_URL + reverse("accounts:sign-in"), f"{settings.APP_NAME}'s own address")
    try:
        response = get_adapter(request).get_provider(request, provider.key).redirect(request, process, next_url=following)
    except answers.TROUBLE as error:
        return answers.failed(request, provider, error)
    address = response.headers.get("Location")
    return _leaving(request, address, provider.name) if address else response


def _leaving(request: HttpRequest, address: str, name: str) -> HttpResponseBase:
    """Show a page that leads there: after a form, browsers refuse a redirect that `form-action` does not list."""
    return render(request, "accounts/leaving.html", {"address": address, "name": name})
