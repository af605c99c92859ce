"""Forms for codes of the second factor."""

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms

from accounts.models import User
from accounts.storage import single_use

USED_SECONDS = 150  # a code is accepted for 90 s in all; allauth remembers it for only 30


def use_up(person: User, code: str) -> bool:
    """Use up the code; return False if it was used before. Only letters and digits count: "123-456" is the same code."""
    return single_use.spend_word("code", f"{person.pk} {''.join(filter(str.isalnum, code)).lower()}", seconds=USED_SECONDS)


class _Once:
    """Accepts a code once (RFC 6238, section 5.2), however long it stays valid."""

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside
        if not use_up(self.user, code):
            raise forms.ValidationError("This code was already used. Wait for the next one.")
        return code


class CodeForm(_Once, AuthenticateForm):  # type: ignore[misc]  # allauth is partly typed
    """Form for a code at sign-in."""


class ConfirmingCodeForm(_Once, ReauthenticateForm):  # type: ignore[misc]  # allauth is partly typed
    """Form for a code before a security change."""
