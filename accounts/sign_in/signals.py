"""Records signing in and out, and changes of second factors and provider accounts."""

from typing import Any

from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit
from accounts.audit.actor import Actor, client_of
from accounts.identity import login_sessions
from accounts.models import User
from accounts.sign_in import recent_login


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    client, how = client_of(getattr(request, "scope", {"headers": ()})), recent_login.how(request, user)
    audit.record("sign_in.done", "person", user.pk, who=Actor(user.tenant_id, user.pk, "sign-in", client), how=how)
    login_sessions.begin(request, user, how)


@receiver(user_logged_out)
def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record("sign_out.done", "person", user.pk)


@receiver(user_login_failed)
def _not_signed_in(credentials: dict[str, Any], **_: Any) -> None:
    known = User.objects.filter(email=str(credentials.get("username", "")).lower()).first()
    # The tenant's operators see attempts on their people. An unknown address may be a password typed into the wrong field, so
    # it is not recorded.
    who = audit.actor()._replace(tenant_id=known.tenant_id) if known else None
    audit.record("sign_in.refused", "person", known.pk if known else "", outcome="refused", who=who, door="password")


@receiver(mfa.authenticator_added)
def _added(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record("second_factor.added", "person", user.pk, what=authenticator.type)


@receiver(mfa.authenticator_removed)
def _removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record("second_factor.removed", "person", user.pk, what=authenticator.type)


@receiver(mfa.authenticator_reset)
def _renewed(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record("second_factor.renewed", "person", user.pk, what=authenticator.type)


@receiver(social_account_added)
def _linked(sociallogin: Any, **_: Any) -> None:
    account = sociallogin.account
    audit.record("provider.linked", "person", account.user_id, provider=account.provider)


@receiver(social_account_removed)
def _unlinked(socialaccount: Any, **_: Any) -> None:
    audit.record("provider.unlinked", "person", socialaccount.user_id, provider=socialaccount.provider)
