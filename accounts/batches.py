"""Deletes many rows in small batches, so that no statement holds locks for long, and two that delete at once share the work."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

AT_ONCE = 500


def delete(rows: "QuerySet[Any]") -> int:
    """Delete the rows, each batch in a transaction of its own; gives how many were deleted, those that hang on them included.

    Rows that another process is deleting are passed over.
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
