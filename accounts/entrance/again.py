"""Showing again that it is you, before what decides about how you come in. By any one thing that only you have."""

from typing import Any

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accounts import audit, people
from accounts.entrance import carrying, confirmation, device_answers, door, passkeys
from accounts.entrance.forms import ConfirmingCodeForm
from accounts.entrance.frame import framed, person_of
from accounts.models import SignInLink, User

OVER = "This was answered already. Try again."


@method_decorator((never_cache, login_required, door.counted("again")), name="dispatch")
class Again(View):
    """Asks for the password, a code or a passkey, then goes on to where it was asked for."""

    def get(self, _request: HttpRequest) -> HttpResponseBase:
        """The page."""
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """What they showed. It is counted first."""
        person = person_of(request)
        attempt = door.attempt(request, "again", person.email, is_known_here=True)
        if wrong := self._wrong(person):
            audit.record("confirmation.refused", "person", person.pk, outcome="refused")
            return self._page(wrong)
        attempt.succeeded()
        if carried := carrying.take(request, request.POST.get("form", "")):
            return framed(request, "accounts/security_carry.html", {"carried": carried})
        return resume_request(request) or redirect("accounts:security")

    def _wrong(self, person: User) -> str:
        """Why what they showed does not do; empty when it does."""
        if "password" in self.request.POST:
            if not person.check_password(self.request.POST["password"]):
                return "This is not your password."
            confirmation.note(self.request, person, "password", reauthenticated=True)
            return ""
        if "link" in self.request.POST:
            return self._wrong_link(person)
        kind = ConfirmingCodeForm if "code" in self.request.POST else ReauthenticateWebAuthnForm
        form = kind(user=person, data=self.request.POST)
        if "code" not in self.request.POST:
            device_answers.refuse_junk(form)
        if not device_answers.fits(form):
            return " ".join(str(words) for errors in form.errors.values() for words in errors) or OVER
        form.save()
        return ""

    def _wrong_link(self, person: User) -> str:
        """A new sign-in link shows as much as it did on the way in: to who has nothing else to show."""
        token = self.request.POST["link"].strip().rstrip("/").rpartition("/")[2]
        is_theirs = not confirmation.means(person) and SignInLink.person_of(token) == person
        if not is_theirs or SignInLink.redeem(token) is None:
            return "This link is not for you, was used, or is too old. Get a new one."
        confirmation.note(self.request, person, "link", reauthenticated=True)
        return ""

    def _page(self, wrong: str = "") -> HttpResponseBase:
        person = person_of(self.request)
        means, problem = confirmation.means(person), passkeys.problem(self.request)
        next_page = door.safe(self.request, self.request.GET.get("next") or self.request.POST.get("next") or "")
        form = self.request.GET.get("form") or self.request.POST.get("form") or ""
        kept = form if carrying.is_kept(self.request, form) else ""
        context: dict[str, Any] = {"kept": kept, "means": means, "wrong": wrong, "next": next_page, "passkey_problem": problem}
        context |= {"passkey_home": passkeys.home(), "is_owner": people.is_owner(person)}
        if "passkey" in means and not problem:
            context["passkey"] = auth.begin_authentication(person)
        return framed(self.request, "accounts/security_again.html", context)
