"""Tools as short lines that a small model can read, made from their JSON Schemas. Pure.

- add(a: integer, b: integer): Add two integers.
"""

import json
from typing import Any

from chat.providers.base import ToolSpec

MOST_DESCRIPTION = 400  # characters
DEEPEST = 4
MOST_TOLD = 10_000  # characters of a tool's arguments
ANYTHING = "any"

Schema = dict[str, Any]


def signature(tool: ToolSpec) -> str:
    """The tool's line, and one for each argument that has a description."""
    arguments = _Arguments(tool.parameters)
    listed = f"- {tool.name}({arguments.listed(tool.parameters, 1)}): {_short(tool.description)}"
    told = [f"    {name}: {words}" for name, schema in _named(tool.parameters).items() if (words := _description(schema))]
    return "\n".join([listed, *told])


class _Arguments:
    """The arguments of a tool in words. `root` holds the definitions that are referred to.

    A few definitions that refer to one another can stand for more words than there is memory: they end at a bound.
    """

    def __init__(self, root: Schema) -> None:
        self._definitions = _dict(root.get("$defs")) or _dict(root.get("definitions"))
        self._left = MOST_TOLD

    def listed(self, schema: Schema, depth: int) -> str:
        needed = {name for name in _list(schema.get("required")) if isinstance(name, str)}
        return ", ".join(
            self._told(f"{name}{'' if name in needed else '?'}: ") + self._type(inner, depth)
            for name, inner in _named(schema).items()
            if self._left > 0
        )

    def _told(self, text: str) -> str:
        self._left -= len(text)
        return text

    def _type(self, schema: Any, depth: int, *, is_branch: bool = False) -> str:
        """The type of an argument in words."""
        schema = self._followed(_dict(schema))
        if depth > DEEPEST or self._left <= 0:
            return self._told(ANYTHING)
        if "const" in schema or "enum" in schema:
            return self._values(schema)
        if branches := _list(schema.get("anyOf")) or _list(schema.get("oneOf")):
            deeper = depth + is_branch
            told = (self._type(branch, deeper, is_branch=True) for branch in branches if self._left > 0)
            return " | ".join(dict.fromkeys(told))
        kind = schema.get("type", ANYTHING)
        names = [kind] if isinstance(kind, str) else [name for name in _list(kind) if isinstance(name, str)]
        return " | ".join(self._of_type(name, schema, depth) for name in names or [ANYTHING])

    def _values(self, schema: Schema) -> str:
        values = _list(schema.get("enum")) or [schema.get("const")]
        return " | ".join(self._told(json.dumps(value, ensure_ascii=False)) for value in values if self._left > 0)

    def _of_type(self, name: str, schema: Schema, depth: int) -> str:
        if name == "array":
            items = schema.get("items")
            return f"{self._told('list')} of {self._type(items, depth + 1)}" if isinstance(items, dict) else self._told("list")
        if name == "object" and _named(schema):
            return f"{{{self.listed(schema, depth + 1)}}}"
        return self._told(name)

    def _followed(self, schema: Schema) -> Schema:
        """The schema that a reference within the document leads to."""
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        return _dict(self._definitions.get(name)) if name else schema


def _named(schema: Schema) -> dict[str, Schema]:
    return {name: _dict(inner) for name, inner in _dict(schema.get("properties")).items()}


def _dict(value: Any) -> Schema:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _description(schema: Schema) -> str:
    branches = [schema, *_list(schema.get("anyOf"))]
    return next((_short(str(one["description"])) for one in branches if isinstance(one, dict) and one.get("description")), "")


def _short(text: str) -> str:
    """The text on one line; of a long one as much as a small model can make use of."""
    text = " ".join(text.split())
    return text if len(text) <= MOST_DESCRIPTION else f"{text[:MOST_DESCRIPTION]}…"
