"""What is tidied up for accounts once a day."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone
from oauth2_provider.models import Application, RefreshToken, clear_expired

from accounts import batches
from accounts.audit import anchors
from accounts.models import ConnectedApp, Session, SignInLink, Visit

VISITS_KEPT = timedelta(days=90)


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def note_the_audits_end() -> None:
    """Note where the audit's chain ends, outside the database."""
    anchors.note()


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def forget_expired() -> None:
    """Delete sessions and sign-in links that nobody can use any more, and what is known of visits long ago."""
    now = timezone.now()
    batches.delete(Session.objects.filter(expire_date__lt=now))
    batches.delete(SignInLink.objects.filter(expires_at__lt=now))
    batches.delete(Visit.objects.filter(ended_at__lt=now - VISITS_KEPT))


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def forget_apps() -> None:
    """Delete what is over of connected apps: codes and tokens, connections without any, and apps that nobody uses.

    Those that the operator set up stay; the others introduce themselves again.
    Spent refresh tokens stay as long as an unspent one would live: by them a second use is noticed.
    """
    clear_expired()
    a_day_ago = timezone.now() - timedelta(days=1)
    alive = RefreshToken.objects.filter(revoked=None, user=OuterRef("person"), application=OuterRef("application"))
    batches.delete(ConnectedApp.objects.filter(~Exists(alive), created_at__lt=a_day_ago))
    by_themselves = Application.objects.exclude(registration_source=Application.RegistrationSource.MANUAL)
    batches.delete(by_themselves.filter(connections=None, updated__lt=a_day_ago))
