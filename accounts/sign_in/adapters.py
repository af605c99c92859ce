"""Adapters that connect django-allauth to Galaxy."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from accounts.sign_in import login_flow, recent_login
from accounts.sign_in.second_factor import passkeys, seed_sealing


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is partly typed
    """Disables sign-up and mail; pages show messages of their own."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Refuse: new people come by invitation, provider or proxy, never by allauth's form."""
        return False

    def add_message(self, *_: Any, **__: Any) -> None:
        """Drop allauth's messages."""

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """Send nothing: there is no mail server, and the audit records it."""

    def is_safe_url(self, url: str) -> bool:
        """Check whether `next` may be followed."""
        return bool(login_flow.safe(self.request, url or ""))

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:  # noqa: ARG002  allauth names it
        """Check whether the person must confirm their identity."""
        return not recent_login.is_fresh(self.request)

    def get_reauthentication_methods(self, _user: AbstractBaseUser | AnonymousUser) -> list[dict[str, str]]:
        """Offer one page for all methods."""
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def respond_user_inactive(self, request: HttpRequest, _user: AbstractBaseUser) -> HttpResponse:
        """Answer a suspended person."""
        return render(request, "accounts/closed.html", status=403)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is partly typed
    """Encrypts seeds, and binds passkeys to the portal's own name, whatever host a request names."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is not right. Codes change every half minute, and each works once."
    }

    def encrypt(self, text: str) -> str:
        """Encrypt a seed for the database."""
        return seed_sealing.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a seed from the database."""
        return seed_sealing.opened(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Return the name that the authenticator app shows."""
        return str(settings.APP_NAME)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002, ARG002  allauth's names
        """Name a passkey that the person did not name."""
        return f"Passkey of {localdate():%d %b %Y}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the site that asks for a passkey."""
        return {"id": passkeys.name(), "name": str(settings.APP_NAME)}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Return the person a passkey belongs to."""
        assert isinstance(user, User)  # noqa: S101  for the type checker
        return {"id": user.pk.hex.encode(), "display_name": user.display_name, "name": user.email}
