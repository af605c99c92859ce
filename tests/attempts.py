"""Attempts to sign in as the portal counts them (`accounts.throttle`): every test comes from one address."""

import redis
from django.conf import settings

from accounts import throttle


def forget_attempts() -> None:
    """Everybody may try again."""
    with redis.Redis.from_url(settings.REDIS_URL) as counts:
        for key in counts.scan_iter(f"{throttle.KEY}*"):
            counts.delete(key)
