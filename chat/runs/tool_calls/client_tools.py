"""A program's own tools beside Galaxy's (`/v1`): the program runs them, so a call of one ends the answer."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chat import events, parts
from chat.parts import AnyPart, ToolCall, ToolResult
from chat.providers.base import ToolSpec
from chat.runs.loop.calls import NOT_JSON
from chat.runs.loop.repair import NotUsable, meant, repaired
from chat.runs.loop.sink import Sink
from chat.runs.loop.toolbox import Toolbox, Wait
from chat.runs.tool_calls import handed_over

HANDED_OVER = "handed_over"
ALONE = (
    "Nothing has run: this tool runs elsewhere, and cannot be called in one step with tools that run here. "
    "If it is still needed, call it again now, by itself."
)


class ClientTools:
    """See `chat.runs.loop.toolbox.Toolbox`."""

    def __init__(self, inner: Toolbox, theirs: tuple[ToolSpec, ...], sink: Sink, person_id: UUID) -> None:
        self._inner, self._theirs, self._sink, self._person_id = inner, theirs, sink, person_id

    @property
    def is_empty(self) -> bool:
        """See `Toolbox`."""
        return not self.specs

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """See `Toolbox`."""
        return (*self._inner.specs, *self._theirs)

    @property
    def is_elsewhere(self) -> bool:
        """See `Toolbox`."""
        return self._inner.is_elsewhere

    def named(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        """See `Toolbox`."""
        return [call if self._is_theirs(call) else self._inner.named([call])[0] for call in calls]

    async def hand_over(self, made: Sequence[AnyPart]) -> bool:
        """See `Toolbox`. If the step also calls Galaxy's tools, the model is told to call again."""
        calls = parts.open_calls(made)
        if not all(map(self._is_theirs, calls)):
            return False
        await handed_over.keep(self._person_id, made)
        told = {"calls": [self._as_called(call) for call in calls], HANDED_OVER: True}
        what = calls[0].name if len(calls) == 1 else f"{len(calls)} tools"
        self._sink.tell(events.process("tool_selection", f"Asking for {what}", step=calls[0].step, metadata=told))
        return True

    async def run(self, calls: Sequence[ToolCall]) -> list[AnyPart | Wait]:
        """See `Toolbox`."""
        here = [call for call in calls if meant(call.name, self._inner.specs)]
        ran = await self._inner.run(here) if here else []
        return [*ran, *(self._not_run(call) for call in calls if call not in here)]

    def _is_theirs(self, call: ToolCall) -> bool:
        spec = meant(call.name, self.specs)
        return spec is not None and spec in self._theirs

    def _not_run(self, call: ToolCall) -> ToolResult:
        try:
            repaired(call, self.specs)
        except NotUsable as error:
            return ToolResult(call.call, "failed", str(error), step=call.step)
        return ToolResult(call.call, "cancelled", ALONE, step=call.step)

    def _as_called(self, call: ToolCall) -> dict[str, Any]:
        """Return the call with its tool's name and arguments repaired, as far as that is certain; else as it came."""
        try:
            made = repaired(call, self._theirs)
        except NotUsable:
            spec = meant(call.name, self._theirs)
            text = json.loads(call.arguments).get(NOT_JSON, call.arguments)
            return {"call_id": call.call, "tool": spec.name if spec else call.name, "arguments": text}
        arguments = json.dumps(made.arguments, ensure_ascii=False) if made.notes else call.arguments
        return {"call_id": call.call, "tool": made.name, "arguments": arguments}
