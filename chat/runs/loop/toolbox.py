"""The tools of a run, as the loop sees them. Pure: no rows, no Django."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from chat.parts import AnyPart, ToolCall, ToolResult
from chat.providers.base import ToolSpec


class Wait(NamedTuple):
    """A call that waits for a person or for a long tool, and what a person is shown of it."""

    call: str
    tool: str
    arguments: str
    reason: str
    title: str = ""
    may_always: bool = True  # whether "always" can be said of it
    by_another: bool = False  # than the person who asked


class Toolbox(Protocol):
    """The tools that a run has, and the running of them."""

    @property
    def is_empty(self) -> bool:
        """Tell whether there are none, so that a model's call is an error."""
        ...

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Descriptions of the tools for the model: the same as long as the run lives."""
        ...

    def named(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        """Return the calls with what people read of them: the tool's title, and what was mended of the call."""
        ...

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether every call under way runs in another process, so that this one may let the run go."""
        ...

    async def hand_over(self, made: Sequence[AnyPart]) -> bool:
        """Give an answer's last calls to the program that asked, if it runs them itself; tell whether it does.

        `made` holds all parts of the answer so far; it ends with the calls.
        """
        ...

    async def run(self, calls: Sequence[ToolCall]) -> Sequence[AnyPart | Wait]:
        """Run the calls that are not done yet, each once; return what came of each, in their order.

        That is its result, then what it made (components, artifacts), or that it waits.
        """
        ...


class NoTools:
    """The toolbox of a run without tools."""

    is_empty = True
    is_elsewhere = False
    specs: tuple[ToolSpec, ...] = ()

    def __init__(self, *_: object) -> None:
        """Made for a run, as every toolbox is (the setting `TOOLBOX`): of the run, its tools and its log."""

    def named(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        """See `Toolbox`."""
        return list(calls)

    async def hand_over(self, made: Sequence[AnyPart]) -> bool:  # noqa: ARG002
        """See `Toolbox`."""
        return False

    async def run(self, calls: Sequence[ToolCall]) -> Sequence[AnyPart | Wait]:
        """See `Toolbox`."""
        return [ToolResult(call.call, "failed", f"There is no tool called {call.name}.") for call in calls]
