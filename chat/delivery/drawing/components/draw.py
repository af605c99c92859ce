"""A component as HTML."""

from typing import Any

import msgspec
from django.template.loader import render_to_string

from chat.delivery.drawing.components import blocks, charts, forms, tables
from chat.delivery.drawing.components.blocks import AnyBlock
from chat.markdown import whole


def context_of(block: dict[str, Any]) -> dict[str, Any]:
    """The kind of the component, and what its template needs."""
    read = blocks.read(block)
    if read is None:
        return {"kind": "unknown", "source": msgspec.json.format(msgspec.json.encode(block), indent=2).decode()}
    return {"kind": type(read).__name__.lower(), "block": read, **_more(read)}


def _more(block: AnyBlock) -> dict[str, Any]:
    match block:
        case blocks.Buttons():
            return {"buttons": [(one, msgspec.json.encode(one.value).decode()) for one in block.buttons]}
        case blocks.Form():
            return {"fields": [(one, _choices(block.schema, one)) for one in forms.form_fields(block.schema)]}
        case blocks.Table():
            return {"rows": tables.rows_of(block), "note": tables.note_of(block)}
        case blocks.Chart():
            return {"plot": charts.plot(block), "numbers": _numbers(block)}
        case blocks.Markdown():
            return {"html": whole.render(block.markdown)}
    return {}


def _choices(schema: dict[str, Any], field: forms.FormField) -> str:
    """The values of a choice, as JSON: what is sent has their own types."""
    values = schema["properties"][field.name].get("enum") if field.kind == "enum" else []
    return msgspec.json.encode(values).decode()


def _numbers(chart: blocks.Chart) -> list[list[str]]:
    """The chart as rows of a table."""
    columns = [one.values for one in chart.series]
    rows = []
    for place, x in enumerate(chart.x[: tables.MOST_ROWS]):
        values = [column[place] if place < len(column) else None for column in columns]
        rows.append([str(x), *("" if value is None else charts.number(value) for value in values)])
    return rows


def draw(component: str, block: dict[str, Any], number: int) -> str:
    """The component's HTML."""
    context = context_of(block) | {"component": component, "number": number}
    return render_to_string("chat/answer/_component.html", context).strip()
