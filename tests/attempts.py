"""Attempts to sign in as the portal counts them (`accounts.limits.attempts`): every test comes from one address."""

import redis
from django.conf import settings

from accounts.limits import attempts


def forget_attempts() -> None:
    """Everyone may try again."""
    with redis.Redis.from_url(settings.REDIS_URL) as counts:
        for key in counts.scan_iter(f"{attempts.KEY}*"):
            counts.delete(key)
