"""Pages of a list by cursor."""

import re
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError
from ninja.errors import ValidationError
from ninja.pagination import CursorPagination

GIVEN = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")


class Cursor(CursorPagination):
    """Ninja's cursor, which trusts what is in it: one that was never issued is refused like any wrong value."""

    async def apaginate_queryset(self, queryset: Any, pagination: Any, *args: Any, **kwargs: Any) -> Any:
        """The page. Raises ValidationError for a cursor that cannot be read."""
        try:
            _check(pagination.cursor or "")
            return await super().apaginate_queryset(queryset, pagination, *args, **kwargs)
        except (ValueError, TypeError, OverflowError, DjangoValidationError, DataError, ValidationError) as error:
            raise ValidationError([{"loc": ("query", "cursor"), "msg": "This is not a cursor that a list gave."}]) from error


def _check(cursor: str) -> None:
    """Raises ValueError for characters that none has: what reads it would pass over them."""
    if not GIVEN.fullmatch(cursor):
        raise ValueError(cursor)
