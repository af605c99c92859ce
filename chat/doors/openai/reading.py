"""A run's log as the pieces of an answer to a program."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from chat import events
from chat.delivery.live import hub
from chat.doors.openai import errors
from chat.doors.openai.errors import Refusal
from chat.events import Usage
from chat.log.lines import Line
from chat.runs.tool_calls.client_tools import HANDED_OVER

BREAK = "\n\n"
# Finish reasons that have another name at OpenAI.
REASONS = {"refusal": "content_filter"}
STOPPED = Refusal(503, "The answer was stopped.", "stopped", may_pass=False)


class Words(NamedTuple):
    """More of the answer, or of the model's thoughts."""

    text: str
    is_thought: bool = False


class Rethought(NamedTuple):
    """Notice that all words of this step were thoughts."""


class Step(NamedTuple):
    """Notice that the model is asked: at first, and again after calls of Galaxy's tools."""


class Calls(NamedTuple):
    """Calls of the program's own tools, which it runs itself."""

    calls: list[dict[str, Any]]


class End(NamedTuple):
    """The proper end."""

    reason: str
    usage: Usage


class Failed(NamedTuple):
    """The answer came to no proper end."""

    refusal: Refusal


Piece = Words | Rethought | Step | Calls | End | Failed


async def pieces(run_id: UUID) -> AsyncIterator[Piece]:
    """Yield the pieces of a run that was just made, as they come; the last one is its end, or its failure."""
    reading = _Reading()
    async for lines in hub.follow_new(run_id):
        for line in lines:
            for piece in reading.read(line):
                yield piece


class _Reading:
    def __init__(self) -> None:
        self._has_said = self._is_apart = False

    def read(self, line: Line) -> Iterator[Piece]:
        match events.decode(line.frame):
            case events.ChunkFrame(chunk=events.Chunk(type="reasoning", data=data)):
                yield Words(data, is_thought=True)
            case events.ChunkFrame(chunk=events.Chunk(type="text", data=data)):
                yield Words(BREAK + data if self._is_apart else data)
                self._has_said, self._is_apart = True, False
            case events.EventFrame(event=event):
                yield from self._happened(event)
            case events.Complete(finish_reason="stopped"):
                yield Failed(STOPPED)
            case events.Complete(finish_reason=reason, usage=usage):
                yield End(REASONS.get(reason, reason), usage)
            case events.ErrorFrame(error=failure):
                yield Failed(errors.of_failure(failure))

    def _happened(self, event: events.ProcessEvent) -> Iterator[Piece]:
        told = event.data.metadata or {}
        if event.type == "process_start":
            self._is_apart = self._has_said
            yield Step()
        elif events.is_rethought(event):
            yield Rethought()
        elif told.get(HANDED_OVER):
            yield Calls(told["calls"])
