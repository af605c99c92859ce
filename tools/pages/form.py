"""A form made from a tool's JSON Schema, and the arguments that a filled one stands for. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.specs import Schema

LONG_TEXT = 200  # characters; a text that may be longer gets several lines
NUMBERS = ("integer", "number")


class Field(NamedTuple):
    """One input. `kind`: text, long, number, check, choice or json."""

    name: str
    label: str
    kind: str
    hint: str = ""
    description: str = ""
    value: str = ""
    choices: tuple[str, ...] = ()
    is_required: bool = False
    least: str = ""
    most: str = ""
    step: str = ""
    error: str = ""


def fields_of(schema: Schema, given: Mapping[str, str] | None = None, complaints: list[str] | None = None) -> list[Field]:
    """The inputs of a schema's properties, with what was given and what was wrong with it."""
    parts = schema.get("$defs", {})
    required = schema.get("required", [])
    found = []
    for name, told in schema.get("properties", {}).items():
        one = _field(name, _resolved(told, parts), is_required=name in required)
        value = one.value if given is None else given.get(name, "")
        found.append(one._replace(value=value, error=_error(name, one.label, complaints or [])))
    return found


def arguments_of(schema: Schema, given: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The arguments of a filled form, and complaints about what cannot be read. An empty input is an argument left out."""
    arguments: dict[str, Any] = {}
    complaints = []
    for field in fields_of(schema):
        text = given.get(field.name, "")
        if field.kind == "check":
            arguments[field.name] = text == "on"
        elif text == "" and not (field.is_required and field.kind in {"text", "long"}):
            continue
        else:
            try:
                arguments[field.name] = text if field.kind in {"text", "long"} else _read(field, text)
            except ValueError:
                what = "a number" if field.kind == "number" else "JSON"
                complaints.append(f"{field.name}: is not {what}")
    return arguments, complaints


def _read(field: Field, text: str) -> Any:
    if field.kind == "choice" and text in field.choices:
        return json.loads(text) if re.fullmatch(r"-?\d+(\.\d+)?|true|false|null", text) and not _is_word(field) else text
    return json.loads(text)


def _is_word(field: Field) -> bool:
    return field.hint == "text"


def _resolved(told: Schema, parts: Schema) -> Schema:
    """The property without a reference, and without `null` beside one other type."""
    while "$ref" in told:
        told = parts.get(told["$ref"].rpartition("/")[2], {})
    branches = [one for one in told.get("anyOf", []) if one.get("type") != "null"]
    return {**told, **_resolved(branches[0], parts)} if len(branches) == 1 else told


def _field(name: str, told: Schema, *, is_required: bool) -> Field:
    kind = _kind(told)
    default = told.get("default")
    value = "" if default is None else default if isinstance(default, str) else json.dumps(default)
    return Field(
        name,
        told.get("title") or name.replace("_", " ").capitalize(),
        kind,
        _hint(told, kind, is_required=is_required),
        told.get("description", ""),
        ("on" if default else "") if kind == "check" else value,
        tuple(one if isinstance(one, str) else json.dumps(one) for one in told.get("enum", ())),
        is_required,
        str(told.get("minimum", "")),
        str(told.get("maximum", "")),
        "1" if told.get("type") == "integer" else "any",
    )


def _kind(told: Schema) -> str:
    if "enum" in told:
        return "choice"
    kind = told.get("type")
    if kind == "string":
        return "long" if told.get("maxLength", 0) > LONG_TEXT else "text"
    return "number" if kind in NUMBERS else "check" if kind == "boolean" else "json"


def _hint(told: Schema, kind: str, *, is_required: bool) -> str:
    least, most = told.get("minimum"), told.get("maximum")
    if least is not None and most is not None:
        what = f"{least} to {most}"
    else:
        what = {"text": "text", "long": "text", "number": "number", "json": "JSON", "choice": "", "check": ""}[kind]
    return ", ".join(filter(None, (what, "needed" if is_required and kind != "check" else "")))


def _error(name: str, label: str, complaints: list[str]) -> str:
    for complaint in complaints:
        path, _, words = complaint.partition(": ")
        if path == name or path.startswith((f"{name}.", f"{name}[")):
            return f"{label}: {words}."
        if complaint.startswith(f'"{name}" is a required'):
            return f"{label} is needed."
    return ""
