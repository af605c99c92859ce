"""Dates, times and time zones."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.tools.calling import call, data, refused


async def test_the_time_is_told_where_the_person_is_or_elsewhere() -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    for arguments, zone in (
        ({}, "Asia/Tokyo"),
        ({"zone": "america/new york"}, "America/New_York"),
        ({"zone": "Berlin"}, "Europe/Berlin"),
    ):
        found = (await call(None, "current_time", timezone="Asia/Tokyo", **arguments)).data
        assert found
        assert found["zone"] == zone
        assert before <= datetime.fromisoformat(found["time"]) <= datetime.now(UTC)
        assert found["weekday"] == f"{datetime.fromisoformat(found['time']):%A}"
    assert (await data(None, "current_time", zone="+05:30"))["offset"] == "+0530"


async def test_an_unknown_zone_is_refused_with_what_was_perhaps_meant() -> None:
    assert "Europe/Berlin" in await refused(None, "current_time", zone="Europe/Brelin")
    assert "no time zone" in await refused(None, "current_time", zone="../../etc/passwd")
    assert "14 hours" in await refused(None, "current_time", zone="UTC+99")


# Arguments of convert_time, the result, and a word of the note.
CONVERTED = (
    ({"time": "2026-07-01T09:00", "source_zone": "New York", "target_zone": "Berlin"}, "2026-07-01T15:00+02:00", ""),
    ({"time": "2026-03-20T09:00", "source_zone": "New York", "target_zone": "Berlin"}, "2026-03-20T14:00+01:00", ""),
    ({"time": "2026-11-29T23:30", "source_zone": "UTC", "target_zone": "Asia/Kolkata"}, "2026-11-30T05:00+05:30", ""),
    ({"time": "2026-01-01T00:00Z", "source_zone": "Berlin", "target_zone": "Tokyo"}, "2026-01-01T09:00+09:00", ""),
    ({"time": "2026-03-29T02:30", "source_zone": "Berlin", "target_zone": "UTC"}, "2026-03-29T01:30+00:00", "does not exist"),
    ({"time": "2026-10-25T02:30", "source_zone": "Berlin", "target_zone": "UTC"}, "2026-10-25T00:30+00:00", "twice"),
)


@pytest.mark.parametrize(("arguments", "expected", "note"), CONVERTED)
async def test_a_time_is_converted(arguments: dict[str, Any], expected: str, note: str) -> None:
    found = await data(None, "convert_time", **arguments)
    assert found["target"]["time"] == expected
    assert note in found["note"]
    assert bool(note) == bool(found["note"])


# Arguments of date_math, the day, its weekday, and the distance in days.
COUNTED = (
    ({"date": "2026-01-31", "months": 1}, "2026-02-28", "Saturday", 28),
    ({"date": "2024-02-29", "years": 1}, "2025-02-28", "Friday", 365),
    ({"date": "2026-11-29", "days": 90}, "2027-02-27", "Saturday", 90),
    ({"date": "2026-11-29", "weeks": -2, "days": 1}, "2026-11-16", "Monday", -13),
    ({"date": "2026-11-29", "until": "2026-12-25"}, "2026-12-25", "Friday", 26),
    ({"date": "2026-03-01", "months": -13}, "2025-02-01", "Saturday", -393),
)


@pytest.mark.parametrize(("arguments", "day", "weekday", "days"), COUNTED)
async def test_days_are_counted(arguments: dict[str, Any], day: str, weekday: str, days: int) -> None:
    found = await data(None, "date_math", **arguments)
    assert (found["date"], found["weekday"], found["days"]) == (day, weekday, days)


async def test_a_distance_is_told_in_words() -> None:
    assert (await data(None, "date_math", date="2024-02-29", until="2026-04-01"))["distance"] == "2 years, 1 month and 3 days"
    assert (await data(None, "date_math", date="2026-01-31", until="2026-01-31"))["distance"] == "0 days"
    assert (await data(None, "date_math", date="2026-02-01", until="2026-01-01"))["distance"] == "1 month earlier"


async def test_what_is_no_date_is_refused_in_words() -> None:
    assert "not a day" in await refused(None, "date_math", date="2026-02-30")
    assert "9999" in await refused(None, "date_math", date="2026-01-01", years=9000)
    assert "not a time" in await refused(None, "convert_time", time="25:99")
    assert "9999" in await refused(None, "convert_time", time="9999-12-31T23:59", source_zone="UTC", target_zone="Tokyo")
