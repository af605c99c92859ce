"""A pandas DataFrame or Series as columns and rows of plain values. pandas itself is never imported here."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL, LARGEST_EXACT = 1000, 50, 1000, 2**53
INFINITE = float("inf")
TYPES = {"b": "boolean", "i": "number", "u": "number", "f": "number", "M": "date"}


def table_of(value: object) -> dict[str, Any] | None:
    """Return the table, or None if the value is not one."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    if isinstance(value, pandas.Series):
        value = value.to_frame(name=str(value.name) if value.name is not None else "value")
    return _of_frame(value, pandas) if isinstance(value, pandas.DataFrame) else None


def _of_frame(frame: Any, pandas: Any) -> dict[str, Any]:
    total = len(frame)
    shown = frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
    if not isinstance(frame.index, pandas.RangeIndex):
        shown = pandas.concat([frame.index[:MOST_ROWS].to_frame(index=False), shown.reset_index(drop=True)], axis=1)
    columns = [shown.iloc[:, place] for place in range(shown.shape[1])]
    cells = [[_plain(value, pandas) for value in column.tolist()] for column in columns]
    headings = [
        {"name": _name(name), "type": TYPES.get(column.dtype.kind, "text")}
        for name, column in zip(shown.columns, columns, strict=True)
    ]
    return {"columns": headings, "rows": [list(row) for row in zip(*cells, strict=True)], "total": total}


def _name(name: object) -> str:
    return (" / ".join(map(str, name)) if isinstance(name, tuple) else str(name))[:LONGEST_CELL]


def _plain(value: Any, pandas: Any) -> str | int | float | bool | None:
    if value is None or value is pandas.NA or value is pandas.NaT:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < LARGEST_EXACT:
        return int(value)
    if isinstance(value, float):
        return float(value) if abs(value) < INFINITE else None  # not for NaN either
    return (value.isoformat() if hasattr(value, "isoformat") else str(value))[:LONGEST_CELL]
