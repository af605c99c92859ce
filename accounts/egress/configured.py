"""The guard configured by this installation's settings."""

from collections.abc import Iterable

from django.conf import settings

from accounts.egress.guard import Guard
from accounts.egress.targets import origin_of, parse


def configured(by_operator: Iterable[str] = ()) -> Guard:
    """Build the guard from the settings' list, plus host and port of the addresses that the operator configured."""
    return Guard(settings.EGRESS_ALLOW, frozenset(origin_of(parse(url)).place for url in by_operator))
