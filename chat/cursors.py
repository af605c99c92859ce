"""Pages of a list by cursor."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError
from ninja.errors import ValidationError
from ninja.pagination import CursorPagination


class Cursor(CursorPagination):
    """Ninja's cursor, which trusts what is in it: one that nobody gave out is refused as any wrong value is."""

    async def apaginate_queryset(self, *args: Any, **kwargs: Any) -> Any:
        """The page. Raises ValidationError for a cursor that cannot be read."""
        try:
            return await super().apaginate_queryset(*args, **kwargs)
        except (ValueError, TypeError, OverflowError, DjangoValidationError, DataError) as error:
            raise ValidationError([{"loc": ("query", "cursor"), "msg": "This is no cursor that a list gave."}]) from error
