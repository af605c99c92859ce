"""Setting or changing a password, which ends the person's other sessions."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.identity import login_sessions
from accounts.models import User
from accounts.sign_in import recent_login
from accounts.sign_in.frame import framed, person_of


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recent_login.required
def password(request: HttpRequest) -> HttpResponseBase:
    """Show and handle the form. A current password was asked for by `recent_login`."""
    person = person_of(request)
    form = SetPasswordForm(person, request.POST or None)
    if form.is_valid():
        done = "changed" if person.has_usable_password() else "set"
        _change(request, form)
        messages.success(request, f"Your password is {done}. Other devices are signed out.")
        return redirect("accounts:security")
    for field in form.fields.values():
        field.widget.attrs["class"] = "input"
    status = 422 if form.is_bound else 200
    return framed(request, "accounts/security_password.html", {"form": form}, status=status)


def _change(request: HttpRequest, form: "SetPasswordForm[User]") -> None:
    visit = login_sessions.current(request)
    person = form.save()
    update_session_auth_hash(request, person)
    login_sessions.has_moved(visit, request)
    ended = login_sessions.end_others(person, keep=request.session.session_key)
    audit.record("password.changed", "person", person.pk, sessions_ended=ended)
