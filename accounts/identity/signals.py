"""Ends login sessions with the account, and publishes the end of sessions and personal access tokens."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.access import rights_changes
from accounts.identity import login_sessions
from accounts.models import AccessToken, Session, User


@receiver([post_save, post_delete], sender=AccessToken)
def _token_changed(instance: AccessToken, **_: Any) -> None:
    rights_changes.publish(instance.person_id)


@receiver(post_save, sender=User)
def _suspended(instance: User, **_: Any) -> None:
    """End a suspended person's sessions; after reactivation they sign in again."""
    if not instance.is_active:
        login_sessions.end_all(instance.pk)


@receiver(post_delete, sender=Session)
def _session_ended(instance: Session, **_: Any) -> None:
    rights_changes.publish(login_sessions.has_ended(instance.session_key))
