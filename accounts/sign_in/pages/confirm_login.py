"""Re-authentication before security changes, by any method that only the person has."""

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

from accounts import audit
from accounts.models import SignInLink, User
from accounts.people import directory
from accounts.sign_in import kept_form, login_flow, recent_login
from accounts.sign_in.frame import framed, person_of
from accounts.sign_in.second_factor import passkey_answers, passkeys
from accounts.sign_in.second_factor.forms import ConfirmingCodeForm

OVER = "This answer was already used. Try again."


@method_decorator((never_cache, login_required, login_flow.counted("again")), name="dispatch")
class Again(View):
    """Asks for the password, a code or a passkey, then continues where it was needed."""

    def get(self, _request: HttpRequest) -> HttpResponseBase:
        """Show the page."""
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Count the attempt, then check it."""
        person = person_of(request)
        attempt = login_flow.attempt(request, "again", person.email, is_known_here=True)
        if wrong := self._wrong(person):
            audit.record("recent_login.refused", "person", person.pk, outcome="refused")
            return self._page(wrong)
        attempt.succeeded()
        if carried := kept_form.take(request, request.POST.get("form", "")):
            return framed(request, "accounts/security_carry.html", {"carried": carried})
        return resume_request(request) or redirect("accounts:security")

    def _wrong(self, person: User) -> str:
        """Check the answer; return the error, or an empty string."""
        if "password" in self.request.POST:
            if not person.check_password(self.request.POST["password"]):
                return "This is not your password. Try again."
            recent_login.note(self.request, person, "password", reauthenticated=True)
            return ""
        if "link" in self.request.POST:
            return self._wrong_link(person)
        kind = ConfirmingCodeForm if "code" in self.request.POST else ReauthenticateWebAuthnForm
        form = kind(user=person, data=self.request.POST)
        if "code" not in self.request.POST:
            passkey_answers.refuse_junk(form)
        if not passkey_answers.fits(form):
            return " ".join(str(words) for errors in form.errors.values() for words in errors) or OVER
        form.save()
        return ""

    def _wrong_link(self, person: User) -> str:
        """Check a new sign-in link, which is accepted only from a person without another method."""
        token = self.request.POST["link"].strip().rstrip("/").rpartition("/")[2]
        is_theirs = not recent_login.means(person) and SignInLink.person_of(token) == person
        if not is_theirs or SignInLink.redeem(token) is None:
            return "This link is for another person, was used or has expired. Get a new one."
        recent_login.note(self.request, person, "link", reauthenticated=True)
        return ""

    def _page(self, wrong: str = "") -> HttpResponseBase:
        person = person_of(self.request)
        means, problem = recent_login.means(person), passkeys.problem(self.request)
        next_page = login_flow.safe(self.request, self.request.GET.get("next") or self.request.POST.get("next") or "")
        form = self.request.GET.get("form") or self.request.POST.get("form") or ""
        kept = form if kept_form.is_kept(self.request, form) else ""
        context: dict[str, Any] = {"kept": kept, "means": means, "wrong": wrong, "next": next_page, "passkey_problem": problem}
        context |= {"passkey_home": passkeys.home(), "is_owner": directory.is_owner(person)}
        if "passkey" in means and not problem:
            context["passkey"] = auth.begin_authentication(person)
        return framed(self.request, "accounts/security_again.html", context)
