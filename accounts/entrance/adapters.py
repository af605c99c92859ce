"""What django-allauth asks of the place it works in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.entrance import confirmation, door, passkeys, sealing
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is partly typed
    """Nobody signs up by themselves, nothing is sent by mail, and pages say what happened in their own words."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """New people come by invitation, provider or proxy, never by allauth's form."""
        return False

    def add_message(self, *_: Any, **__: Any) -> None:
        """Allauth's own words are not shown."""

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """There is no mail server; the audit has it."""

    def is_safe_url(self, url: str) -> bool:
        """Whether `next` may be followed."""
        return bool(door.safe(self.request, url or ""))

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:  # noqa: ARG002  allauth names it
        """Whether the person must show again that it is them."""
        return not confirmation.is_fresh(self.request)

    def get_reauthentication_methods(self, _user: AbstractBaseUser | AnonymousUser) -> list[dict[str, str]]:
        """One page for all of them."""
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def respond_user_inactive(self, request: HttpRequest, _user: AbstractBaseUser) -> HttpResponse:
        """For a suspended person."""
        return render(request, "accounts/closed.html", status=403)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is partly typed
    """Seeds are sealed; passkeys are kept for the portal's own name, whatever a request calls it."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This does not fit. Codes change every half minute, and each counts once."
    }

    def encrypt(self, text: str) -> str:
        """For the database."""
        return sealing.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """From the database."""
        return sealing.opened(encrypted_text)

    def get_totp_issuer(self) -> str:
        """What the authenticator app shows."""
        return str(settings.APP_NAME)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002, ARG002  allauth's names
        """What a passkey is called that nobody named."""
        return f"Passkey of {localdate():%d %b %Y}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Who asks for a passkey."""
        return {"id": passkeys.name(), "name": str(settings.APP_NAME)}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Whose passkey it is."""
        assert isinstance(user, User)  # noqa: S101  for the type checker
        return {"id": user.pk.hex.encode(), "display_name": user.display_name, "name": user.email}
