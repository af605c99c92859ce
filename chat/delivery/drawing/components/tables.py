"""A table's rows as a page shows them. Pure."""

from typing import NamedTuple

from chat.delivery.drawing.components.blocks import Column, Scalar, Table

MOST_ROWS = 1_000


class Cell(NamedTuple):
    """A cell: its words, and its value where rows are put in order by it."""

    words: str
    value: str
    is_number: bool


class Row(NamedTuple):
    """A row of as many cells as there are columns."""

    cells: list[Cell]


def rows_of(table: Table) -> list[Row]:
    """The first rows."""
    return [Row([_cell(column, value) for column, value in _pairs(table, row)]) for row in table.rows[:MOST_ROWS]]


def note_of(table: Table) -> str:
    """Remark on the rows that are not shown."""
    total, shown = max(table.total or 0, len(table.rows)), min(len(table.rows), MOST_ROWS)
    return f"The first {shown:,} of {total:,} rows." if total > shown else ""


def _pairs(table: Table, row: list[Scalar]) -> list[tuple[Column, Scalar]]:
    padded = [*row, *[None] * len(table.columns)]
    return list(zip(table.columns, padded, strict=False))


def _cell(column: Column, value: Scalar) -> Cell:
    is_number = column.type == "number"
    if value is None:
        return Cell("", "", is_number)
    if isinstance(value, bool):
        return Cell("yes" if value else "no", str(int(value)), is_number)
    return Cell(str(value), str(value), is_number)
