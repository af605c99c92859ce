"""Days, and counting from one to another."""

import calendar
from datetime import date, timedelta

from msgspec import Struct

from tools.specs import ToolError

MONTHS = 12
NAMED = {"today": 0, "tomorrow": 1, "yesterday": -1}


class Dated(Struct, frozen=True):
    """A day, and its distance from the first one, in days and in words."""

    date: str
    weekday: str
    week: int
    day_of_year: int
    days: int
    distance: str


def read(text: str, today: date) -> date:
    """Read a day. Raises ToolError."""
    wanted = text.strip().lower()
    if wanted in NAMED:
        return today + timedelta(days=NAMED[wanted])
    try:
        return date.fromisoformat(wanted.partition("t")[0])
    except ValueError:
        raise ToolError(f"{text[:40]!r} is not a day. Write it as 2026-11-29, or today.") from None


def moved(first: date, years: int, months: int, weeks: int, days: int) -> date:
    """Count from a day: years and months first, in which a 31st becomes the last day of a shorter month. Raises ToolError."""
    year, month = divmod(first.year * MONTHS + first.month - 1 + years * MONTHS + months, MONTHS)
    try:
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(first.day, last)) + timedelta(weeks=weeks, days=days)
    except (OverflowError, ValueError):
        raise ToolError("The result is outside the years 1 to 9999.") from None


def shown(day: date, first: date) -> Dated:
    """Show a day and how far it is from the first one."""
    distance = (day - first).days
    return Dated(day.isoformat(), f"{day:%A}", day.isocalendar().week, day.timetuple().tm_yday, distance, _words(first, day))


def _words(first: date, second: date) -> str:
    """The distance in years, months and days, as in 2 years and 3 days."""
    early, late = sorted((first, second))
    months = (late.year - early.year) * MONTHS + late.month - early.month
    months -= moved(early, 0, months, 0, 0) > late
    days = (late - moved(early, 0, months, 0, 0)).days
    counts = ((months // MONTHS, "year"), (months % MONTHS, "month"), (days, "day"))
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    *others, end = parts or ["0 days"]
    words = f"{', '.join(others)} and {end}" if others else end
    return f"{words} earlier" if second < first else words
