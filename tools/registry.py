"""All tools of this process, by name. Apps register theirs at start; remote servers' come and go.

What a tenant has switched off or changed, and who may use what, is asked at the moment of use (`tools.access`).
"""

import re
from collections.abc import Iterable

from tools.specs import NAME, Tool

_tools: dict[str, Tool] = {}


class NameTaken(ValueError):
    """Two sources offer a tool with one name."""


def register(tool: Tool) -> None:
    """Add a tool, replacing an earlier one of its source. Raises NameTaken, and ValueError for a name no provider takes."""
    name = tool.spec.name
    if not re.match(NAME, name):
        raise ValueError(f"{name!r} is not a name for a tool: letters, digits, _ and -, at most 63, no digit first.")
    known = _tools.get(name)
    if known and known.spec.source != tool.spec.source:
        raise NameTaken(f"{name} is already offered by {known.spec.source}.")
    _tools[name] = tool


def replace_source(source: str, tools: Iterable[Tool]) -> None:
    """Make these the only tools of a source, in one step. Raises like `register`."""
    for name in [name for name, tool in _tools.items() if tool.spec.source == source]:
        del _tools[name]
    for tool in tools:
        register(tool)


def find(name: str) -> Tool | None:
    """The tool with that name, or None."""
    return _tools.get(name)


def all_tools() -> list[Tool]:
    """Every tool, sorted by name."""
    return [_tools[name] for name in sorted(_tools)]
