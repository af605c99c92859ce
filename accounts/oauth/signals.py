"""Publishes the end of an app's token, and records an app's registration."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from oauth2_provider.models import AccessToken as AppToken
from oauth2_provider.models import Application

from accounts.access import rights_changes
from accounts.oauth import ledger


@receiver(post_delete, sender=AppToken)
def _token_of_app_ended(instance: Any, **_: Any) -> None:
    rights_changes.publish(instance.user_id)


@receiver(post_save, sender=Application)
def _app_registered(instance: Any, created: bool, **_: Any) -> None:  # noqa: FBT001  Django's signature
    if created:
        ledger.note("app.registered", instance, None, how=instance.registration_source)
