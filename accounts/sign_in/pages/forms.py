"""The sign-in form."""

from typing import Any

from django import forms
from django.contrib.auth.backends import AllowAllUsersModelBackend
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.views.decorators.debug import sensitive_variables

from accounts.people.directory import SUSPENDED


class SignInForm(AuthenticationForm):
    """Form for the email and password of an account."""

    error_messages = {
        "invalid_login": "This email and password do not match.",
        "inactive": SUSPENDED,
    }
    username = forms.EmailField(
        label="Email", max_length=254, widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        if self.is_bound and not self.is_valid() and "username" not in self.errors:
            self._ask_for_password_again()

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Check the credentials. Only the right password reveals that an account is suspended. Each try hashes exactly once."""
        credentials = {name: self.cleaned_data.get(name) for name in ("username", "password")}
        if all(credentials.values()):
            person = AllowAllUsersModelBackend().authenticate(self.request, **credentials)
            if person is None or not person.is_active:
                user_login_failed.send(__name__, credentials={"username": credentials["username"]}, request=self.request)
            if person is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(person)
            self.user_cache = person
        return self.cleaned_data

    def _ask_for_password_again(self) -> None:
        """Keep the typed email and move the focus to the password."""
        del self.fields["username"].widget.attrs["autofocus"]
        self.fields["password"].widget.attrs |= {
            "aria-invalid": "true",
            "aria-describedby": "password-error",
            "autofocus": True,
        }
