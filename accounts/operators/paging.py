"""Pagination of lists that may be long: counting a million rows would take longer than showing a page."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most `MOST` rows. Searching, filtering and exporting reach the rest."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows to page through."""
        rows = self.object_list
        return min(rows.order_by()[: MOST + 1].count(), MOST) if hasattr(rows, "order_by") else len(rows)

    @property
    def is_bounded(self) -> bool:
        """Check whether there may be more rows than were counted."""
        return self.count >= MOST
