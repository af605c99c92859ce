"""What is tidied up for accounts once a day."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.audit import anchors
from accounts.models import SignInLink


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def note_the_audits_end() -> None:
    """Note where the audit's chain ends, outside the database."""
    anchors.note()


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def forget_expired() -> None:
    """Delete sessions and sign-in links that nobody can use any more."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    SignInLink.objects.filter(expires_at__lt=now).delete()
