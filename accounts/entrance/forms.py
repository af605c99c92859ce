"""The forms of the second factor."""

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms

from accounts import single_use
from accounts.models import User

USED_SECONDS = 150  # a code is taken for 90 s in all; allauth remembers it for 30 alone


def use_up(person: User, code: str) -> bool:
    """Whether this code of the person had not been used. Only what counts of it is looked at: "123-456" is the same code."""
    return single_use.spend_word("code", f"{person.pk} {''.join(filter(str.isalnum, code)).lower()}", seconds=USED_SECONDS)


class _Once:
    """A code counts once (RFC 6238, section 5.2), however long the clock lets it live."""

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside
        if not use_up(self.user, code):
            raise forms.ValidationError("This code was used already. Wait for the next one.")
        return code


class CodeForm(_Once, AuthenticateForm):  # type: ignore[misc]  # allauth is partly typed
    """A code while coming in."""


class ConfirmingCodeForm(_Once, ReauthenticateForm):  # type: ignore[misc]  # allauth is partly typed
    """A code while changing something."""
