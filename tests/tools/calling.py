"""Calls of tools in this process: for a person through the executor, for no one as the registry has them."""

from typing import Any

import pytest

from tools import calls, registry
from tools.calling.output import kept_of
from tools.calls import Caller, Kept
from tools.errors import CallRefused
from tools.specs import Context, ToolError


async def call(person: Any, name: str, *, timezone: str = "UTC", **arguments: Any) -> Kept:
    """Result of a call. Raises ToolError or CallRefused."""
    if person is None:
        tool = registry.find(name)
        assert tool, name
        return kept_of(await tool.run(Context(person=None, timezone=timezone), arguments), [])
    result = await calls.call(Caller(person=person, via="rest", timezone=timezone), name, arguments)
    if result.outcome != "succeeded":
        assert result.error == "tool_error", result.error
        raise ToolError(result.kept.text)
    return result.kept


async def data(person: Any, name: str, **arguments: Any) -> dict[str, Any]:
    """Structured data of the result."""
    found = (await call(person, name, **arguments)).data
    assert isinstance(found, dict)
    return found


async def refused(person: Any, name: str, **arguments: Any) -> str:
    """The words with which it refuses."""
    with pytest.raises((ToolError, CallRefused)) as error:
        await call(person, name, **arguments)
    said = str(error.value)
    assert said
    assert "Traceback" not in said
    return said


async def outcome(person: Any, name: str, **arguments: Any) -> str:
    """The words of the refusal; or, in brackets, all that it gave."""
    try:
        kept = await call(person, name, **arguments)
    except (ToolError, CallRefused) as error:
        return str(error)
    return f"({kept.text}) {kept.data}"
