"""The arguments of a call as people read them: a name and a value each, without JSON where that can be helped. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

MOST = 4_000  # characters of arguments; a page has no more of them while the call runs
LONG = 80
NOTHING = "–"


class Field(NamedTuple):
    """An argument: one that `is_long` has lines or a shape of its own."""

    name: str
    value: str
    is_long: bool = False


def fields_of(arguments: str) -> list[Field]:
    """The arguments as fields; one without a name where they are not an object."""
    given = _parsed(arguments[:MOST])
    if isinstance(given, dict):
        return [_field(str(name).replace("_", " "), value) for name, value in given.items()]
    return [] if given in (None, "") else [_field("", given)]


def brief_of(arguments: str) -> str:
    """The first argument that fits into a line."""
    return next((one.value for one in fields_of(arguments) if one.name and not one.is_long and one.value != NOTHING), "")


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text) if text.strip() else None
    except msgspec.DecodeError:
        return text  # as it came: cut, or no JSON


def _field(name: str, value: Any) -> Field:
    text = _text(value)
    return Field(name, text, "\n" in text or len(text) > LONG)


def _text(value: Any) -> str:
    match value:
        case None | "" | []:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case list() if not any(isinstance(one, list | Mapping) for one in value):
            return ", ".join(map(_text, value))
    return _json(value)


def _json(value: Any) -> str:
    line = msgspec.json.format(msgspec.json.encode(value), indent=0).decode()
    return line if len(line) <= LONG else msgspec.json.format(line, indent=2)


class Input(NamedTuple):
    """A field in which an argument can be edited: text in a line or in several, a number, yes or no, or JSON."""

    name: str
    label: str
    kind: str
    value: str


def inputs_of(arguments: str) -> list[Input]:
    """A field for each argument; one for all of them, as JSON, where they are not an object or too many characters."""
    given = _parsed(arguments) if len(arguments) <= MOST else None
    if not isinstance(given, dict) or not given:
        return [Input("", "Arguments, as JSON", "json", arguments)]
    return [_input(str(name), value) for name, value in given.items()]


def _input(name: str, value: Any) -> Input:
    label = name.replace("_", " ")
    match value:
        case bool():
            return Input(name, label, "boolean", "true" if value else "")
        case int() | float():
            return Input(name, label, "number", msgspec.json.encode(value).decode())
        case str():
            return Input(name, label, "text" if "\n" in value or len(value) > LONG else "line", value)
    return Input(name, label, "json", msgspec.json.encode(value).decode())
