"""Forms that count once: sent a second time, as by a reload of the page that answered, they do nothing more."""

from contextlib import suppress
from uuid import uuid4

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.models import User

REMEMBERED_SECONDS = 3600
LONGEST = 64


def value() -> str:
    """What a form is known by."""
    return uuid4().hex


def is_first(person: User, form: str) -> bool:
    """Whether this form of the person was not sent before. True too while nobody can say, and for one that has no value."""
    try:
        return not form or cache.add(_key(person, form), "sent", REMEMBERED_SECONDS)
    except RedisError:
        return True


def forget(person: User, form: str) -> None:
    """It did nothing, and may be sent again."""
    with suppress(RedisError):
        cache.delete(_key(person, form))


def _key(person: User, form: str) -> str:
    return f"once:{person.pk}:{form[:LONGEST]}"
