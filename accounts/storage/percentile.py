"""Percentiles of durations, computed by the database."""

from typing import Any, ClassVar

from django.db import models


class Percentile(models.Aggregate):
    """The duration that a `share` of the rows (0 to 1) does not exceed."""

    function = "percentile_cont"
    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field: ClassVar[Any] = models.DurationField()
