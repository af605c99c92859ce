"""Deletion of many rows in small batches: locks are short, and two processes that delete at once share the work."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

AT_ONCE = 500


def delete(rows: "QuerySet[Any]") -> int:
    """Delete the rows, each batch in its own transaction; return the number deleted, dependent rows included.

    Rows that another process is deleting are skipped.
    """
    deleted: int = 0
    while True:
        with transaction.atomic():
            batch = list(
                rows.order_by("pk").select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:AT_ONCE]
            )
            deleted += rows.model._base_manager.filter(pk__in=batch).delete()[0]  # noqa: SLF001  Django's documented name
        if len(batch) < AT_ONCE:
            return deleted
