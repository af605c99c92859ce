"""Stand-ins for tools: each call waits for a decision, and what is allowed is done once and written down."""

import os
from collections.abc import Sequence
from pathlib import Path

from accounts.storage.connections import in_database
from chat.models import Run
from chat.parts import AnyPart, ToolCall, ToolResult
from chat.providers.base import ToolSpec
from chat.runs.loop.toolbox import Wait
from chat.runs.tool_calls import waits

DONE = "tools-done.txt"


class WaitingTools:
    """Asks about every call."""

    is_empty = False
    specs = (ToolSpec("clean", "Clean a room.", {"type": "object", "properties": {"room": {"type": "string"}}}),)

    def __init__(self, run: Run, *_: object) -> None:
        self._answer_id = run.answer_id

    def named(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        """See `chat.runs.loop.toolbox.Toolbox`."""
        return list(calls)

    async def hand_over(self, made: Sequence[AnyPart]) -> bool:  # noqa: ARG002
        """See `Toolbox`."""
        return False

    async def run(self, calls: Sequence[ToolCall]) -> list[ToolResult | Wait]:
        """See `chat.runs.loop.toolbox.Toolbox`."""
        decided = await in_database(waits.decisions, self._answer_id, [call.call for call in calls])
        return [
            self._result(call, str(decided[call.call]["decision"])) if call.call in decided else asked(call) for call in calls
        ]

    @staticmethod
    def _result(call: ToolCall, decision: str) -> ToolResult:
        if decision != "once":
            return ToolResult(call.call, "denied", f"The user decided: {decision}.")
        with Path(os.environ["DATA_DIR"], DONE).open("a") as done:
            done.write(f"{call.call}\n")
        return ToolResult(call.call, "succeeded", f"Done with {call.arguments}.")


def asked(call: ToolCall) -> Wait:
    """The question about a call."""
    return Wait(call.call, call.name, call.arguments, "It changes something.")
