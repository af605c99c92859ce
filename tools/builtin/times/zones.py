"""Time zones by name, by city or by offset."""

import difflib
import re
import zoneinfo
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from typing import NamedTuple

from tools.specs import ToolError

OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)
MOST_HOURS, MINUTES = 14, 60


class Zone(NamedTuple):
    """A zone and its name."""

    name: str
    rules: tzinfo


def zone_of(text: str) -> Zone:
    """Find the zone that a text means. Raises ToolError."""
    wanted = " ".join(text.replace("_", " ").split()).lower()
    if wanted == "utc":
        return Zone("UTC", UTC)
    offset = OFFSET.fullmatch(wanted.replace(" ", ""))
    if offset:
        return _fixed(*offset.groups(default="0"))
    name = _names().get(wanted)
    if name is None:
        near = difflib.get_close_matches(wanted, _names(), n=3)
        hint = (
            f" Did you mean {' or '.join(sorted({_names()[one] for one in near}))}?" if near else " Write it as Europe/Berlin."
        )
        raise ToolError(f"There is no time zone {text[:60]!r}.{hint}")
    return Zone(name, zoneinfo.ZoneInfo(name))


def _fixed(sign: str, hours: str, minutes: str) -> Zone:
    if int(hours) > MOST_HOURS or int(minutes) >= MINUTES:
        raise ToolError("An offset from UTC has at most 14 hours.")
    distance = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    return Zone(f"UTC{sign}{int(hours):02}:{int(minutes):02}", timezone(distance))


@cache
def _names() -> dict[str, str]:
    """The zones by their names and by the names of their cities, in lower case with spaces."""
    names = sorted(zoneinfo.available_timezones())
    spelled = {name.replace("_", " ").lower(): name for name in names}
    cities = {spelling.rpartition("/")[2]: name for spelling, name in spelled.items() if "/" in spelling}
    return cities | spelled
