"""Periodic tidying up for chat."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from chat.deletion import marking
from chat.models import Run

REPEATED_WITHIN = timedelta(hours=24)


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def forget_request_keys() -> None:
    """After a day a `request_id` may be used anew."""
    old = Run.objects.filter(created_at__lt=timezone.now() - REPEATED_WITHIN).exclude(request_key=None)
    old.update(request_key=None)


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def delete_marked_conversations() -> None:
    """Delete for good what can no longer be restored, and the requests of programs."""
    marking.delete_overdue()
    marking.delete_left_over()
