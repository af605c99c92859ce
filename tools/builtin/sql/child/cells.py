"""Rows of a result as they are collected: short cells, few rows, few bytes."""

import math
from decimal import Decimal, InvalidOperation

from tools.builtin.sql.child.protocol import MOST_CELL, MOST_RESULT_BYTES, MOST_ROWS, Cell, Column, Table

LARGEST_SAFE = 2**53  # larger integers lose digits in browsers and in many JSON readers
DIGITS = 15  # which a float always keeps


class Rows:
    """The rows so far."""

    def __init__(self) -> None:
        self._rows: list[list[Cell]] = []
        self._bytes = 0
        self._cut = False

    def add(self, row: list[Cell]) -> bool:
        """Add a row; False once there is no place for more."""
        if len(self._rows) == MOST_ROWS or self._bytes > MOST_RESULT_BYTES:
            self._cut = True
            return False
        self._rows.append([self._short(cell) for cell in row])
        self._bytes += sum(len(cell) if isinstance(cell, str) else 8 for cell in self._rows[-1])
        return True

    def table(self, columns: tuple[Column, ...]) -> Table:
        """The result."""
        return Table(columns, self._rows, self._cut)

    def _short(self, cell: Cell) -> Cell:
        if isinstance(cell, str) and "\0" in cell:
            cell = cell.replace("\0", "")  # which can be stored nowhere
        if isinstance(cell, str) and len(cell) > MOST_CELL:
            self._cut = True
            return f"{cell[:MOST_CELL]}…"
        return cell


def integer(value: int) -> Cell:
    """An integer, as text where a reader could lose digits."""
    return value if abs(value) <= LARGEST_SAFE else str(value)


def real(value: float) -> Cell:
    """A float; JSON has no infinities."""
    return value if math.isfinite(value) else str(value)


def number(text: str) -> Cell:
    """A decimal number, as text where a float would change it."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite():
        return text
    if value == value.to_integral_value() and value.as_tuple().exponent == 0:
        return integer(int(value))
    return float(value) if len(value.as_tuple().digits) <= DIGITS else text
