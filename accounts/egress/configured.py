"""The guard as this installation's settings want it."""

from collections.abc import Iterable

from django.conf import settings

from accounts.egress.guard import Guard
from accounts.egress.targets import origin_of, parse


def configured(by_operator: Iterable[str] = ()) -> Guard:
    """The guard of the settings' list, which also lets through to the host and port of the operator's own addresses."""
    return Guard(settings.EGRESS_ALLOW, frozenset(origin_of(parse(url)).place for url in by_operator))
