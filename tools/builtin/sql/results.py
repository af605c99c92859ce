"""Results of queries as a tool's reply: a compact text for the model, and a table for the person."""

import json

import msgspec

from tools.builtin.sql.child.protocol import Cell, Description, Relation, Table
from tools.specs import Reply

MOST_LINES, MOST_TEXT, MOST_WORD = 200, 12_000, 300  # of the text for the model
MOST_DESCRIBED = 20_000


def reply_of(table: Table) -> Reply:
    """The reply to a query."""
    rows = {"columns": [msgspec.to_builtins(column) for column in table.columns], "rows": table.rows}
    return Reply(
        text=_text(table),
        data={**rows, "truncated": table.truncated},
        blocks=({"type": "table", **rows, **({} if table.truncated else {"total": len(table.rows)})},),
    )


def described(name: str, description: Description) -> Reply:
    """The reply to a description."""
    lines = [_relation(one) for one in description.relations] or ["There are no tables that queries can read."]
    text = f"Tables of {name}, each with its columns:\n" + "\n".join(lines)
    if description.truncated or len(text) > MOST_DESCRIBED:
        text = f"{text[:MOST_DESCRIBED]}\n(Cut: there is more.)"
    return Reply(text=text, data={"database": name} | json.loads(msgspec.json.encode(description)))


def _text(table: Table) -> str:
    lines = [" | ".join(column.name for column in table.columns)]
    size = 0
    for row in table.rows[:MOST_LINES]:
        lines.append(" | ".join(_word(cell) for cell in row))
        size += len(lines[-1])
        if size > MOST_TEXT:
            break
    shown = len(lines) - 1
    return "\n".join((*lines, _end(shown, table)))


def _end(shown: int, table: Table) -> str:
    found = len(table.rows)
    if shown == found and not table.truncated:
        return f"({found} row{'' if found == 1 else 's'})"
    first = f"the first {shown} of {found} rows" if shown < found else f"{shown} rows"
    more = ", and there is more" if table.truncated else ""
    return f"(Cut: {first}{more}. Long texts are shortened. Count, sum or filter in the query to see less.)"


def _word(cell: Cell) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    text = " ".join(str(cell).split())
    return text if len(text) <= MOST_WORD else f"{text[:MOST_WORD]}…"


def _relation(relation: Relation) -> str:
    fields = ", ".join(f"{field.name} {field.type}{f' ({field.note})' if field.note else ''}" for field in relation.fields)
    return f"{relation.name}: {fields}" + (f" -- {relation.note}" if relation.note else "")
