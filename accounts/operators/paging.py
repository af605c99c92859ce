"""Pages of lists that may be long. They are counted up to a bound: to count a million rows takes longer than to show some."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most `MOST` rows. What is beyond is found by searching and filtering, and exported."""

    @cached_property
    def count(self) -> int:
        """How many there are to page through."""
        rows = self.object_list
        return min(rows.order_by()[: MOST + 1].count(), MOST) if hasattr(rows, "order_by") else len(rows)

    @property
    def is_bounded(self) -> bool:
        """Whether there may be more than are counted."""
        return self.count >= MOST
