"""Idempotent forms: a form that is sent again, as by reloading the answer, has no second effect."""

from contextlib import suppress
from uuid import uuid4

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.models import User

REMEMBERED_SECONDS = 3600
LONGEST = 64


def value() -> str:
    """Create the value that identifies a form."""
    return uuid4().hex


def is_first(person: User, form: str) -> bool:
    """Check that this form is sent for the first time; True also if it has no value or Redis does not answer."""
    try:
        return not form or cache.add(_key(person, form), "sent", REMEMBERED_SECONDS)
    except RedisError:
        return True


def forget(person: User, form: str) -> None:
    """Forget a form that had no effect, so that it can be sent again."""
    with suppress(RedisError):
        cache.delete(_key(person, form))


def _key(person: User, form: str) -> str:
    return f"once:{person.pk}:{form[:LONGEST]}"
