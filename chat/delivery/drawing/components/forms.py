"""The fields of a form, from the JSON Schema of an object. Pure."""

from typing import Any, NamedTuple

LONG_TEXT = 200


class Choice(NamedTuple):
    """A value that can be chosen, as JSON, and in words."""

    value: str
    words: str
    is_chosen: bool


class FormField(NamedTuple):
    """A field; `kind` is that of its value, and `type` that of its input."""

    name: str
    label: str
    help: str
    kind: str
    type: str
    is_required: bool
    value: str
    choices: list[Choice]
    limits: list[tuple[str, str]]


def form_fields(schema: dict[str, Any]) -> list[FormField]:
    """The schema's fields, in its order."""
    properties = schema.get("properties")
    required = schema.get("required")
    names = set(required) if isinstance(required, list) else set()
    if not isinstance(properties, dict):
        return []
    return [_field(str(name), one, name in names) for name, one in properties.items() if isinstance(one, dict)]


def _field(name: str, schema: dict[str, Any], is_required: bool) -> FormField:  # noqa: FBT001  from the schema as it is
    kind = str(schema.get("type", "string"))
    default = schema.get("default")
    label, words = str(schema.get("title") or name.replace("_", " ")), str(schema.get("description") or "")
    value = "" if default is None or isinstance(default, bool | dict | list) else str(default)
    if kind == "boolean":
        return FormField(name, label, words, kind, "checkbox", False, "true" if default is True else "", [], [])
    if isinstance(schema.get("enum"), list):
        choices = [Choice(str(place), str(one), one == default) for place, one in enumerate(schema["enum"])]
        return FormField(name, label, words, "enum", "select", is_required, value, choices, [])
    if kind in {"number", "integer"}:
        return FormField(name, label, words, kind, "number", is_required, value, [], _number_limits(schema, kind))
    return FormField(name, label, words, "string", _text_type(schema), is_required, value, [], _text_limits(schema))


def _text_type(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date":
        return "date"
    longest = schema.get("maxLength")
    return "textarea" if isinstance(longest, int) and longest > LONG_TEXT else "text"


def _number_limits(schema: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    given = [("min", schema.get("minimum")), ("max", schema.get("maximum"))]
    limits = [(name, str(value)) for name, value in given if isinstance(value, int | float) and not isinstance(value, bool)]
    return [*limits, ("step", "1" if kind == "integer" else "any")]


def _text_limits(schema: dict[str, Any]) -> list[tuple[str, str]]:
    given = [("minlength", schema.get("minLength")), ("maxlength", schema.get("maxLength"))]
    return [(name, str(value)) for name, value in given if isinstance(value, int) and not isinstance(value, bool)]
