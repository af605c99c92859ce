"""Filters of lists by time."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.utils import parse_datetime_str

YEARS = range(1970, 2201)  # outside, the time may not exist in UTC


class TimeFilter(RangeDateTimeFilter):  # type: ignore[misc]  # unfold has no types
    """Filters from one moment to another in the operator's time zone; unfold's own filter assumes UTC."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002
        """Select the rows in between. An invalid moment is ignored."""
        for side, how in (("from", "gte"), ("to", "lte")):
            if moment := self._moment(side):
                queryset = queryset.filter(**{f"{self.parameter_name}__{how}": moment})
        return queryset

    def _moment(self, side: str) -> datetime | None:
        day, hour = (self.used_parameters.get(f"{self.parameter_name}_{side}_{part}") for part in (0, 1))
        typed = parse_datetime_str(f"{day} {hour}")
        return timezone.make_aware(typed) if typed and typed.year in YEARS else None
