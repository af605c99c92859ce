"""Rate limits on work that clients ask Galaxy to do, counted across all processes."""

import hashlib

from django.core.cache import cache


def is_over(what: str, whose: str, *, most: int, seconds: int) -> bool:
    """Count this request; return True if it exceeds the limit."""
    key = f"oauth:{what}:{hashlib.sha256(whose.encode()).hexdigest()}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # it expired between the two
        return False
