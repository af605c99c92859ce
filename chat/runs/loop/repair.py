"""Repair of calls that are slightly wrong: what strict reading refused, and nothing else. Pure.

Names, of tools and of arguments: another case, or `-` for `_`, where one alone is meant. Arguments: a fence around them, JSON
written as a string once more or nearly JSON, a number, boolean, null, object or list written as text, or a number where a text
is wanted; each only where the schema asks for it.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from chat.parts import ToolCall
from chat.providers.base import ToolSpec
from chat.providers.reading.loose_json import NotReadable, read
from chat.runs.loop.calls import NOT_JSON

FENCE = re.compile(r"^\s*(?:```[a-z]*\s*|<tool_call>\s*)(.*?)(?:\s*```|\s*</tool_call>)\s*$", re.DOTALL)
MOST_NAMES = 20  # named in an answer to a call of an unknown tool
WORDS = {"true": True, "false": False, "null": None, "none": None}


class Repaired(NamedTuple):
    """A call as it can be made, and what was changed of it, in words."""

    name: str
    arguments: dict[str, Any]
    notes: list[str]


class NotUsable(Exception):
    """A call that cannot be understood. The message tells the model what to do."""


def repaired(call: ToolCall, specs: Sequence[ToolSpec]) -> Repaired:
    """The call with a name and arguments that its tool takes, as far as that is certain. Raises NotUsable."""
    spec = meant(call.name, specs)
    if spec is None:
        raise NotUsable(_unknown(call.name, specs))
    notes = [] if spec.name == call.name else [f"the name {call.name} was read as {spec.name}"]
    arguments = _arguments(call.arguments, notes)
    return Repaired(spec.name, _fitted(arguments, spec.parameters, notes), notes)


def meant(name: str, specs: Sequence[ToolSpec]) -> ToolSpec | None:
    """The tool of this name, or the only one whose name is written nearly so."""
    if exact := next((one for one in specs if one.name == name), None):
        return exact
    alike = [one for one in specs if _plain(one.name) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


def _unknown(name: str, specs: Sequence[ToolSpec]) -> str:
    there = ", ".join(one.name for one in specs[:MOST_NAMES])
    return f"There is no tool called {name[:80]}. Nothing has run. The tools are: {there}."


def _plain(name: str) -> str:
    return re.sub(r"[-_.\s]", "", name.rpartition(".")[2] or name).lower()


def _arguments(text: str, notes: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(text)
    if set(given) == {NOT_JSON}:
        given, mended = _read_again(given[NOT_JSON])
        notes += ["the arguments did not arrive as JSON", *mended]
    return given


def _read_again(text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    inside = found.group(1) if (found := FENCE.match(text)) else text
    try:
        value, mended = read(inside)
        if isinstance(value, str):
            value, mended = read(value)
    except NotReadable as error:
        raise NotUsable(f"The arguments are not valid JSON ({error}). Nothing has run. Send one JSON object.") from error
    if not isinstance(value, dict):
        raise NotUsable("The arguments are not a JSON object. Nothing has run. Send one JSON object.")
    return value, mended


def _fitted(given: dict[str, Any], schema: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    told = schema.get("properties")
    known: dict[str, Any] = told if isinstance(told, dict) else {}
    names = {} if known.keys() >= given.keys() else _meant_names(given, known)
    notes += [f"{name} was read as {one}" for name, one in names.items()]
    named = {names.get(name, name): value for name, value in given.items()}
    return {name: _value(name, value, known.get(name), notes) for name, value in named.items()}


def _meant_names(given: dict[str, Any], known: dict[str, Any]) -> dict[str, str]:
    """Names for unknown arguments: of each, that of the only one which is written nearly so and was not given."""
    written = Counter(map(_plain, given))
    alike: dict[str, list[str]] = {}
    for one in known:
        if one not in given:
            alike.setdefault(_plain(one), []).append(one)
    found = {name: alike.get(_plain(name), []) for name in given if name not in known and written[_plain(name)] == 1}
    return {name: ones[0] for name, ones in found.items() if len(ones) == 1}


def _value(name: str, value: Any, schema: Any, notes: list[str]) -> Any:
    """The value as its schema wants it: not as text where the schema takes none, nor as a number where it takes text alone."""
    wanted = _types(schema)
    if wanted == {"string"} and isinstance(value, int | float) and not isinstance(value, bool):
        notes.append(f"{name} came as a number")
        return json.dumps(value)
    if not isinstance(value, str) or "string" in wanted or not wanted:
        return value
    read = _read(value, wanted)
    if read is value:
        return value
    notes.append(f"{name} came as text")
    return read


def _read(text: str, wanted: set[str]) -> Any:
    try:
        value = WORDS[text.strip().lower()] if text.strip().lower() in WORDS else read(text).value
    except NotReadable:
        return text
    return value if _type_of(value) & wanted else text


def _type_of(value: Any) -> set[str]:
    if value is None or isinstance(value, bool):
        return {"null" if value is None else "boolean"}
    if isinstance(value, int):
        return {"integer", "number"}
    return {"number" if isinstance(value, float) else "array" if isinstance(value, list) else "object"}


def _types(schema: Any) -> set[str]:
    """The types that a schema takes, where that can be told; none where anything may be meant, or it is not a schema."""
    if not isinstance(schema, dict):
        return set()
    told = schema.get("type", [])
    found = {told} if isinstance(told, str) else {one for one in _list(told) if isinstance(one, str)}
    for branch in (*_list(schema.get("anyOf")), *_list(schema.get("oneOf"))):
        inner = _types(branch)
        if not inner:
            return set()
        found |= inner
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
