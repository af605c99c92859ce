"""A person's own time. The browser tells its zone in a cookie, because only it knows where it is."""

from datetime import datetime, tzinfo
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.utils import timezone

COOKIE = "galaxy_zone"


def zone_of(request: HttpRequest) -> tzinfo:
    """The zone of the browser; UTC when it told none, or one that is unknown here."""
    try:
        return ZoneInfo(unquote(request.COOKIES.get(COOKIE, "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that is a folder of the zone files
        return timezone.get_default_timezone()


def now_of(request: HttpRequest) -> datetime:
    """The present moment as the person's clock shows it."""
    return timezone.now().astimezone(zone_of(request))


def greeting(now: datetime) -> str:
    """What one says at that hour."""
    morning, noon, evening = 5, 12, 18
    if morning <= now.hour < noon:
        return "Good morning"
    return "Good afternoon" if noon <= now.hour < evening else "Good evening"
