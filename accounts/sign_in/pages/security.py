"""Sign-in methods and active sessions: the page, and ending sessions."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.identity import login_sessions
from accounts.models import User, Visit
from accounts.sign_in.frame import form_of, framed, person_of
from accounts.sign_in.pages import user_agents
from accounts.sign_in.providers import known
from accounts.sign_in.second_factor import passkeys


class Place(NamedTuple):
    """A session as the page shows it."""

    visit: Visit
    device: str
    is_this: bool

    @property
    def is_seen_now(self) -> bool:
        """Check whether the session was used within the last minute."""
        return timezone.now() - self.visit.seen_at < timedelta(minutes=1)


@never_cache
@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponseBase:
    """Show the page."""
    person = person_of(request)
    context = _means(person) | {"passkey_problem": passkeys.problem(request), "passkey_home": passkeys.home()}
    context["places"] = _places(request, person)
    context |= {"linked": _linked(person), "providers": known.providers()}
    return framed(request, "accounts/security.html", context)


@login_required
@form_of("accounts:security")
def end_visit(request: HttpRequest, visit_id: UUID) -> HttpResponseBase:
    """Sign one device out."""
    if not login_sessions.end(person_of(request), visit_id):
        raise Http404
    audit.record("session.ended", "session", visit_id)
    messages.success(request, "That device is signed out.")
    return redirect("accounts:security")


@login_required
@form_of("accounts:security")
def end_other_visits(request: HttpRequest) -> HttpResponseBase:
    """Sign all other devices out."""
    ended = login_sessions.end_others(person_of(request), keep=request.session.session_key)
    audit.record("session.others_ended", "person", person_of(request).pk, sessions_ended=ended)
    messages.success(request, "All other devices are signed out.")
    return redirect("accounts:security")


def _means(person: User) -> dict[str, Any]:
    held = list(Authenticator.objects.filter(user=person).order_by("created_at"))
    codes = next((one for one in held if one.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "has_password": person.has_usable_password(),
        "app": next((one for one in held if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one for one in held if one.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
    }


def _linked(person: User) -> list[dict[str, Any]]:
    """List the provider accounts that the person can sign in with."""
    found = []
    for account in SocialAccount.objects.filter(user=person).order_by("date_joined"):
        provider = known.named(account.provider)
        name = provider.name if provider else account.provider
        found.append(
            {"account": account, "key": account.provider, "name": name, "icon": provider.icon if provider else "globe"}
        )
    return found


def _places(request: HttpRequest, person: User) -> list[Place]:
    here = login_sessions.digest_of(request.session.session_key)
    found = [Place(visit, user_agents.named(visit.client), visit.session == here) for visit in login_sessions.open_of(person)]
    return sorted(found, key=lambda place: not place.is_this)
