"""What is tidied up for accounts once a day."""

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import SignInLink, Visit

VISITS_KEPT = timedelta(days=90)


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def forget_expired() -> None:
    """Delete sessions and sign-in links that nobody can use any more, and what is known of visits long ago."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    SignInLink.objects.filter(expires_at__lt=now).delete()
    Visit.objects.filter(ended_at__lt=now - VISITS_KEPT).delete()
