"""Use of tools by one person, counted from their calls."""

from typing import NamedTuple

from django.db import connection

from accounts.models import User

DAYS = 14


class Use(NamedTuple):
    """Use of one tool: calls a day, the oldest first, their number, the median time and the failures."""

    days: list[int]
    calls: int = 0
    milliseconds: float | None = None
    failures: int = 0

    @property
    def line(self) -> str:
        """The calls a day as an SVG path in a square of 100."""
        most = max(self.days) or 1
        step = 100 / (DAYS - 1)
        return "M" + " L".join(f"{place * step:.2f} {96 - 88 * count / most:.2f}" for place, count in enumerate(self.days))

    @property
    def time(self) -> str:
        """The median time in words."""
        if self.milliseconds is None:
            return "–"
        return f"{self.milliseconds:,.0f} ms" if self.milliseconds < 1000 else f"{self.milliseconds / 1000:,.1f} s"  # noqa: PLR2004


NONE = Use([0] * DAYS)


def of_person(person: User) -> dict[str, Use]:
    """The person's use of each tool in the last 14 days, by its name."""
    days: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, [person.pk, DAYS])
        for tool, ago, count in cursor.fetchall():
            days.setdefault(tool, [0] * DAYS)[DAYS - 1 - ago] = count
        cursor.execute(IN_ALL, [person.pk, DAYS])
        return {tool: Use(days.get(tool, NONE.days), *rest) for tool, *rest in cursor.fetchall()}


BY_DAY = """
SELECT tool, current_date - created_at::date AS ago, count(*) FROM tools_toolcall
WHERE person_id = %s AND created_at::date > current_date - %s GROUP BY tool, ago
"""
IN_ALL = """
SELECT tool, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - coalesce(dispatched_at, created_at)) * 1000),
    count(*) FILTER (WHERE state = 'failed')
FROM tools_toolcall WHERE person_id = %s AND created_at::date > current_date - %s GROUP BY tool
"""
