"""The one way to spend what counts once: a link, an invitation, a code, a challenge. Of two at once, one is late.

A row is spent by one statement whose conditions are all on the row itself. PostgreSQL asks these again once it has waited for
the other's lock, but not what stands in a subquery, as Django makes it of a condition on another table: both would then be let
in.
"""

from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

KEY = "accounts:spent"


class NotOneTable(ValueError):
    """The conditions are on more than the row itself."""


def spend(rows: "QuerySet[Any]", **marks: Any) -> bool:
    """Mark the one unspent row, or delete it where there are no marks. False where it was spent before. Raises NotOneTable."""
    rows.query.get_initial_alias()
    if rows.query.count_active_tables() > 1:
        raise NotOneTable(f"Spend a {rows.model.__name__} by its own columns alone.")
    if marks:
        return rows.order_by().update(**marks) == 1
    return bool(rows._raw_delete(rows.db) == 1)  # noqa: SLF001  `delete` selects before


def spend_word(kind: str, word: str, *, seconds: int) -> bool:
    """The same for what has no row: kept in Redis for as long as it could be used. Raises RedisError."""
    digest = salted_hmac(KEY, word, algorithm="sha256").hexdigest()
    return bool(cache.add(f"{KEY}:{kind}:{digest}", "spent", timeout=seconds))
