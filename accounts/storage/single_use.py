"""The only way to use up what works once: a link, an invitation, a code, a challenge. Of two at once, one fails.

One statement uses a row up, and all its conditions are on the row itself. PostgreSQL checks these again after waiting for
another transaction's lock, but not a subquery, which Django builds for a condition on another table: both would then succeed.
"""

from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

KEY = "accounts:spent"


class NotOneTable(ValueError):
    """The conditions concern more than the row itself."""


def spend(rows: "QuerySet[Any]", **marks: Any) -> bool:
    """Mark the unused row, or delete it if there are no marks. Return False if it was used before. Raises NotOneTable."""
    rows.query.get_initial_alias()
    if rows.query.count_active_tables() > 1:
        raise NotOneTable(f"Spend a {rows.model.__name__} by its own columns alone.")
    if marks:
        return rows.order_by().update(**marks) == 1
    return bool(rows._raw_delete(rows.db) == 1)  # noqa: SLF001  `delete` selects before


def spend_word(kind: str, word: str, *, seconds: int) -> bool:
    """Use up a word without a row, which Redis remembers while it could be used. Raises RedisError."""
    digest = salted_hmac(KEY, word, algorithm="sha256").hexdigest()
    return bool(cache.add(f"{KEY}:{kind}:{digest}", "spent", timeout=seconds))
