"""Dates, times and time zones."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from tools.authoring import tool
from tools.builtin.times import days as day_count
from tools.builtin.times import moments
from tools.builtin.times.days import Dated
from tools.builtin.times.moments import Converted, Now
from tools.builtin.times.zones import zone_of
from tools.specs import Context, Example

CATEGORY = "Time"
Zone = Annotated[str, Meta(description="As in Europe/Berlin, UTC or +02:00. Empty: where the person is.", max_length=60)]
Moment = Annotated[str, Meta(description="ISO 8601, as in 2026-11-29T18:30, or 18:30 for today.", min_length=1, max_length=40)]
Day = Annotated[str, Meta(description="As in 2026-11-29, or today.", min_length=1, max_length=40)]
Count = Annotated[int, Meta(description="May be negative.", ge=-100_000, le=100_000)]


@tool(title="Current time", category=CATEGORY, examples=(Example("What time is it in Tokyo?", {"zone": "Asia/Tokyo"}),))
async def current_time(context: Context, zone: Zone = "") -> Now:
    """Tell the date, the time and the weekday, where the person is or in another time zone."""
    return moments.shown(datetime.now(UTC), zone_of(zone or context.timezone))


@tool(
    title="Convert time",
    category=CATEGORY,
    examples=(
        Example("When is 9:00 in New York for me?", {"time": "09:00", "source_zone": "America/New_York", "target_zone": ""}),
    ),
)
async def convert_time(context: Context, time: Moment, source_zone: Zone = "", target_zone: Zone = "") -> Converted:
    """Tell what time it is in one place when it is a given time in another, with daylight saving time."""
    return moments.converted(time, zone_of(source_zone or context.timezone), zone_of(target_zone or context.timezone))


@tool(
    title="Date calculation",
    category=CATEGORY,
    examples=(
        Example("Which day is 90 days from today?", {"date": "today", "days": 90}),
        Example("How many days are left until Christmas 2026?", {"date": "today", "until": "2026-12-25"}),
    ),
)
async def date_math(  # noqa: PLR0917  a tool's arguments are named
    context: Context, date: Day, years: Count = 0, months: Count = 0, weeks: Count = 0, days: Count = 0, until: str = ""
) -> Dated:
    """Add years, months, weeks and days to a date, or count the days until another; both tell the weekday.

    Years and months are added first; the 31st becomes the last day of a shorter month.
    """
    today = datetime.now(zone_of(context.timezone).rules).date()
    first = day_count.read(date, today)
    if until:
        return day_count.shown(day_count.read(until, today), first)
    return day_count.shown(day_count.moved(first, years, months, weeks, days), first)
