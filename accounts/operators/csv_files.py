"""Tables of the operators' pages as CSV that a spreadsheet may open safely."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

# Spreadsheets read a cell as a formula if it begins with one of these signs, full-width ones included. In many countries they
# split lines at semicolons, even in a file with commas.
FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])")


def answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return the file, to be downloaded under this name."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(columns)
    lines.writerows([_cell(value) for value in row] for row in rows)
    response = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    return FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
