"""What happens to second factors and providers' accounts goes into the audit."""

from typing import Any

from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.dispatch import receiver

from accounts import audit
from accounts.models import User


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
