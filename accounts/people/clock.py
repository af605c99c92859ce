"""A person's time zone, which only the browser knows and sends in a cookie."""

from datetime import datetime, tzinfo
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.utils import timezone

COOKIE = "galaxy_zone"


def zone_of(request: HttpRequest) -> tzinfo:
    """Return the browser's time zone; UTC if it sent none or an unknown one."""
    try:
        return ZoneInfo(unquote(request.COOKIES.get(COOKIE, "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that is a folder of the zone files
        return timezone.get_default_timezone()


def now_of(request: HttpRequest) -> datetime:
    """Return the current time in the person's zone."""
    return timezone.now().astimezone(zone_of(request))


def greeting(now: datetime) -> str:
    """Return the greeting for that hour."""
    morning, noon, evening = 5, 12, 18
    if morning <= now.hour < noon:
        return "Good morning"
    return "Good afternoon" if noon <= now.hour < evening else "Good evening"
