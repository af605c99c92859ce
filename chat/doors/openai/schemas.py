"""Schemas of a program's, measured as they are when their references are followed, which some providers' wires do. Pure.

A few definitions that each refer twice to the next one stand for more than there is memory.
"""

from collections.abc import Iterable
from typing import Any

DEFINITIONS = ("$defs", "definitions")
LONGEST_CHAIN = 100  # of definitions that lead to one another
TEXT = 16  # characters that count as one value
MOST_VALUES = 50_000


def are_endless(schemas: Iterable[Any]) -> bool:
    """Tell whether the schemas together hold more than anyone can follow."""
    left = MOST_VALUES
    for schema in schemas:
        left -= _size(schema, left)
        if left < 0:
            return True
    return False


def _size(schema: Any, most: int) -> int:
    """The number of values, as far as it is not beyond the most. A definition is not followed into itself."""
    definitions = _definitions(schema)
    size, todo = 0, [(schema, frozenset[str]())]
    while todo and size <= most:
        value, chain = todo.pop()
        size += 1 + (len(value) // TEXT if isinstance(value, str) else 0)
        if isinstance(value, list):
            todo += [(inner, chain) for inner in value]
        elif isinstance(value, dict):
            size += sum(map(len, value)) // TEXT
            todo += [(inner, chain) for name, inner in value.items() if name not in DEFINITIONS]
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name in definitions and name not in chain:
                todo.append((definitions[name], chain | {name}))
                size += most if len(chain) > LONGEST_CHAIN else 0
    return size


def _definitions(schema: Any) -> dict[str, Any]:
    """All definitions of a schema, wherever they stand in it; of two of one name, both."""
    found: dict[str, Any] = {}
    todo = [schema]
    while todo:
        value = todo.pop()
        inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        todo += inner
        for kind in DEFINITIONS if isinstance(value, dict) else ():
            for name, one in value[kind].items() if isinstance(value.get(kind), dict) else ():
                found[name] = [found[name], one] if name in found else one
    return found
