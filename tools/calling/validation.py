"""Checks of arguments and results against their JSON Schema (2020-12), in bounded time and without fetching anything."""

from collections import OrderedDict
from typing import Any

import jsonschema_rs
import msgspec

from accounts.storage.texts import DEEPEST, is_clean_json, is_deep_json
from tools.errors import BadArguments
from tools.specs import Schema, Tool

MOST_BYTES = 64 * 1024
MOST_COMPLAINTS = 5
LONGEST_COMPLAINT = 300
MOST_KEPT = 4_000

_validators: OrderedDict[tuple[str, str], Any] = OrderedDict()


def check_arguments(tool: Tool, arguments: dict[str, Any]) -> None:
    """Raises BadArguments with up to five complaints."""
    name = tool.spec.name
    if not is_clean_json(arguments):
        raise BadArguments(name, ["they hold a number or a character that cannot be stored"])
    if is_deep_json(arguments):
        raise BadArguments(name, [f"they hold more than {DEEPEST} values in one another"])
    if (size := len(msgspec.json.encode(arguments))) > MOST_BYTES:
        raise BadArguments(name, [f"they have {size:,} bytes, and the most is {MOST_BYTES:,}"])
    if found := _complaints(_validator(tool, "input", tool.spec.input_schema), arguments):
        raise BadArguments(name, found)


def complaints_about_result(tool: Tool, data: dict[str, Any] | None) -> list[str]:
    """The ways in which a tool's structured result does not fit what it promises; none where it promises nothing."""
    if tool.spec.output_schema is None:
        return []
    if is_deep_json(data):
        return [f"it holds more than {DEEPEST} values in one another"]
    return _complaints(_validator(tool, "output", tool.spec.output_schema), data)


def is_schema(schema: Schema) -> str:
    """Say what is wrong with a schema; an empty text if nothing is."""
    try:
        _compiled(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error).partition("\n")[0][:LONGEST_COMPLAINT]
    return ""


def _validator(tool: Tool, side: str, schema: Schema) -> Any:
    """The compiled schema. A tool is compiled once; of those that come and go, the last few thousand are kept."""
    key = (tool.definition, side)
    if key not in _validators:
        _validators[key] = _compiled(schema)
        if len(_validators) > MOST_KEPT:
            _validators.popitem(last=False)
    return _validators[key]


def _compiled(schema: Schema) -> Any:
    # Patterns in linear time (CWE-1333), and no reference is fetched.
    options = jsonschema_rs.RegexOptions(size_limit=1_000_000)
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=options, offline=True)


def _complaints(validator: Any, value: Any) -> list[str]:
    if validator.is_valid(value):
        return []
    found = []
    for error in validator.iter_errors(value):
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path).lstrip(".")
        found.append(f"{path}: {error.message}"[:LONGEST_COMPLAINT] if path else error.message[:LONGEST_COMPLAINT])
        if len(found) == MOST_COMPLAINTS:
            break
    return found
