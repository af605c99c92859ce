"""The sign-in form."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """E-mail and password of an account of this server."""

    error_messages = {
        "invalid_login": "This e-mail and password do not match.",
        "inactive": "This account is switched off. An operator can switch it on.",
    }
    username = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        if self.is_bound and not self.is_valid() and "username" not in self.errors:
            self._ask_for_password_again()

    def _ask_for_password_again(self) -> None:
        """The e-mail stays as it was written; what is to be done next is the password."""
        del self.fields["username"].widget.attrs["autofocus"]
        self.fields["password"].widget.attrs |= {
            "aria-invalid": "true",
            "aria-describedby": "password-error",
            "autofocus": True,
        }
