"""A call that this worker has: its claim, the running tool, and the reason for which it was ended before its time."""

import asyncio
from typing import Literal
from uuid import UUID, uuid4

from tools import registry
from tools.calling.output import UNKNOWN, Kept
from tools.execution import long_call
from tools.models import ToolCall
from tools.specs import Outcome

CANCELLED = "This call was cancelled."
CANCELLED_LATE = "This call was cancelled while it ran. It is not known whether it did something; check before trying again."

Why = Literal["cancelled", "lost", "leaving"]


class Held:
    """One call in the hands of a worker."""

    def __init__(self) -> None:
        self.token: UUID = uuid4()
        self.row: ToolCall | None = None  # once it is claimed
        self.why: Why | None = None
        self._working: asyncio.Task[tuple[Outcome, Kept]] | None = None

    async def carry_out(self, row: ToolCall) -> tuple[Outcome, Kept]:
        """Run the claimed call to its end, or until it is stopped."""
        self.row = row
        if row.cancel_asked or self.why == "cancelled":
            return "cancelled", Kept(CANCELLED)
        self._working = asyncio.create_task(long_call.carry_out(row))
        try:
            return await self._working
        except asyncio.CancelledError:
            if self.why is None:
                raise
            return self._cut()

    def stop(self, why: Why) -> None:
        """End the tool: no one wants it any more, the call is another's by now, or this process ends."""
        if self.why and (self.why == why or why != "lost"):
            return
        self.why = why
        if self._working:
            self._working.cancel()

    @property
    def may_run_twice(self) -> bool:
        """Tell whether another worker can run it again."""
        tool = registry.find(self.row.tool) if self.row else None
        return tool is not None and tool.spec.is_idempotent

    def _cut(self) -> tuple[Outcome, Kept]:
        if self.why == "cancelled":
            return ("cancelled", Kept(CANCELLED)) if self.may_run_twice else ("unknown", Kept(CANCELLED_LATE))
        return "unknown", Kept(UNKNOWN)
