"""Tools as short lines that a small model can read, made from their JSON Schemas. Pure.

- add(a: integer, b: integer): Add two integers.
"""

import json
from typing import Any

from chat.providers.base import ToolSpec

MOST_DESCRIPTION = 400  # characters
DEEPEST = 4
ANYTHING = "any"

Schema = dict[str, Any]


def signature(tool: ToolSpec) -> str:
    """The tool's line, and one for each argument that has a description."""
    arguments = _arguments(tool.parameters)
    told = [f"    {name}: {words}" for name, schema in arguments.items() if (words := _description(schema))]
    return "\n".join([f"- {tool.name}({_listed(tool.parameters, tool.parameters, 1)}): {_short(tool.description)}", *told])


def _listed(schema: Schema, root: Schema, depth: int) -> str:
    needed = schema.get("required") or ()
    shown = _arguments(schema).items()
    return ", ".join(f"{name}{'' if name in needed else '?'}: {_type(inner, root, depth)}" for name, inner in shown)


def _arguments(schema: Schema) -> dict[str, Schema]:
    found = schema.get("properties") or {}
    return {name: inner if isinstance(inner, dict) else {} for name, inner in found.items()}


def _type(schema: Schema, root: Schema, depth: int) -> str:
    """The type of an argument in words. `root` holds the definitions that are referred to."""
    schema = _followed(schema, root)
    if depth > DEEPEST:
        return ANYTHING
    if "const" in schema or "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema.get("enum", [schema.get("const")]))
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(_type(branch, root, depth) for branch in branches))
    told = schema.get("type", ANYTHING)
    return " | ".join(_of_type(name, schema, root, depth) for name in ([told] if isinstance(told, str) else told))


def _of_type(name: str, schema: Schema, root: Schema, depth: int) -> str:
    if name == "array":
        items = schema.get("items")
        return f"list of {_type(items, root, depth + 1)}" if isinstance(items, dict) else "list"
    if name == "object" and _arguments(schema):
        return f"{{{_listed(schema, root, depth + 1)}}}"
    return name


def _followed(schema: Schema, root: Schema) -> Schema:
    """The schema that a reference within the document leads to."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found = (root.get("$defs") or root.get("definitions") or {}).get(name) if name else schema
    return found if isinstance(found, dict) else {}


def _description(schema: Schema) -> str:
    branches = [schema, *(schema.get("anyOf") or ())]
    return next((_short(str(one["description"])) for one in branches if isinstance(one, dict) and one.get("description")), "")


def _short(text: str) -> str:
    """The text on one line; of a long one as much as a small model can make use of."""
    text = " ".join(text.split())
    return text if len(text) <= MOST_DESCRIPTION else f"{text[:MOST_DESCRIPTION]}…"
