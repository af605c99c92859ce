"""Running uses: they have a reservation and are not in the ledger yet. Apps that start uses register a source here."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from accounts.limits import ledger
from accounts.limits.budgets import Asked, Count

UnderWay = Callable[[Count], dict[UUID, Asked]]
_sources: list[UnderWay] = []


class Known(NamedTuple):
    """All that PostgreSQL knows of a count."""

    spent: float
    under_way: dict[UUID, Asked]


def register(source: UnderWay) -> None:
    """Register a source of running uses that add to a count."""
    _sources.append(source)


def known(count: Count) -> Known:
    """Read both in one snapshot: a use that ends meanwhile is in exactly one of them."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        under_way = {use: asked for source in _sources for use, asked in source(count).items()}
        return Known(ledger.spent(count), under_way)
