"""How often somebody may make Galaxy work for them: counted in all processes together."""

import hashlib

from django.core.cache import cache


def is_over(what: str, whose: str, *, most: int, seconds: int) -> bool:
    """Count this time; whether it was one too many within the time."""
    key = f"oauth:{what}:{hashlib.sha256(whose.encode()).hexdigest()}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # it ended between the two
        return False
