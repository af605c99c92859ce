"""Setting or changing one's password. Whoever is signed in elsewhere is signed out there."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import audit, visits
from accounts.entrance import confirmation
from accounts.entrance.frame import framed, person_of
from accounts.models import User


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmation.required
def password(request: HttpRequest) -> HttpResponseBase:
    """The form. The old password was asked for before, if there was one."""
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
    visit = visits.current(request)
    person = form.save()
    update_session_auth_hash(request, person)
    visits.has_moved(visit, request)
    ended = visits.end_others(person, keep=request.session.session_key)
    audit.record("password.changed", "person", person.pk, sessions_ended=ended)
