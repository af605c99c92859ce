"""Moments in a place, and the same moment in another."""

import re
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from tools.builtin.times.zones import Zone
from tools.specs import ToolError

CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?")


class Now(Struct, frozen=True):
    """A moment in one place."""

    time: str
    weekday: str
    zone: str
    offset: str
    week: int


class Converted(Struct, frozen=True):
    """A moment in two places. `note` says if a clock was changed in that night."""

    source: Now
    target: Now
    note: str = ""


def shown(moment: datetime, zone: Zone) -> Now:
    """Show a moment in a zone. Raises ToolError."""
    try:
        there = moment.astimezone(zone.rules)
    except OverflowError:
        raise ToolError("This time is outside the years 1 to 9999.") from None
    written = there.isoformat(timespec="minutes" if not there.second else "seconds")
    return Now(written, f"{there:%A}", zone.name, there.strftime("%z") or "+0000", there.isocalendar().week)


def converted(text: str, source: Zone, target: Zone) -> Converted:
    """Read a time in one zone and show it in both. Raises ToolError."""
    given = _read(text, source)
    is_local = given.tzinfo is None
    meant = given.replace(tzinfo=source.rules) if is_local else given
    return Converted(shown(meant, source), shown(meant, target), _oddity(meant) if is_local else "")


def _read(text: str, zone: Zone) -> datetime:
    text = text.strip().replace("Z", "+00:00")
    if CLOCK.fullmatch(text):
        text = f"{datetime.now(zone.rules):%Y-%m-%d}T{text:0>5}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ToolError(f"{text[:40]!r} is not a time. Write it as 2026-11-29T18:30 or 18:30.") from None


def _oddity(moment: datetime) -> str:
    """Tell of a time that the clock shows twice or never in that night (PEP 495)."""
    try:
        back = moment.astimezone(UTC).astimezone(moment.tzinfo)
        is_twice = moment.utcoffset() != moment.replace(fold=1).utcoffset()
    except OverflowError:
        return ""
    if back.replace(tzinfo=None) != moment.replace(tzinfo=None, fold=0) and abs(back - moment) < timedelta(days=1):
        return "The clock is set forward over this time: it does not exist there."
    return "The clock is set back in this hour, which occurs twice there: the first is used." if is_twice else ""
