"""Daily tasks of accounts. They keep the names of an older module, which messages on their way still carry."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone
from oauth2_provider.models import Application, RefreshToken, clear_expired

from accounts.audit import anchors
from accounts.models import ConnectedApp, Session, SignInLink, Visit
from accounts.storage import batches

VISITS_KEPT = timedelta(days=90)


@shared_task(name="accounts.tasks.note_the_audits_end")  # type: ignore[untyped-decorator]  # Celery has no types
def note_the_audits_end() -> None:
    """Note the end of the audit's chain outside the database."""
    anchors.note()


@shared_task(name="accounts.tasks.forget_expired")  # type: ignore[untyped-decorator]  # Celery has no types
def forget_expired() -> None:
    """Delete expired sessions and sign-in links, and records of sessions that ended long ago."""
    now = timezone.now()
    batches.delete(Session.objects.filter(expire_date__lt=now))
    batches.delete(SignInLink.objects.filter(expires_at__lt=now))
    batches.delete(Visit.objects.filter(ended_at__lt=now - VISITS_KEPT))


@shared_task(name="accounts.tasks.forget_apps")  # type: ignore[untyped-decorator]  # Celery has no types
def forget_apps() -> None:
    """Delete leftovers of connected apps: expired codes and tokens, connections without any, and unused apps.

    Apps added by the operator stay; the others register themselves again. Spent refresh tokens stay for the lifetime of an
    unspent one, so that a second use is noticed.
    """
    clear_expired()
    a_day_ago = timezone.now() - timedelta(days=1)
    alive = RefreshToken.objects.filter(revoked=None, user=OuterRef("person"), application=OuterRef("application"))
    batches.delete(ConnectedApp.objects.filter(~Exists(alive), created_at__lt=a_day_ago))
    by_themselves = Application.objects.exclude(registration_source=Application.RegistrationSource.MANUAL)
    batches.delete(by_themselves.filter(connections=None, updated__lt=a_day_ago))
