"""Uses under way: they have a share reserved and are not in the ledger yet. Whoever makes them tells of them."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from accounts.limits import ledger
from accounts.limits.budgets import Asked, Count

UnderWay = Callable[[Count], dict[UUID, Asked]]
_tellers: list[UnderWay] = []


class Known(NamedTuple):
    """All that PostgreSQL knows of a count."""

    spent: float
    under_way: dict[UUID, Asked]


def register(teller: UnderWay) -> None:
    """From now on, ask this for the uses under way that add to a count."""
    _tellers.append(teller)


def known(count: Count) -> Known:
    """Both of one moment: a use that ends meanwhile is in one of them, and in one only."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        under_way = {use: asked for teller in _tellers for use, asked in teller(count).items()}
        return Known(ledger.spent(count), under_way)
