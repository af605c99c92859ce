"""The loop that turns a model's stream into the events of a run. It knows providers and events, nothing of their storage."""

from contextlib import aclosing
from typing import Literal, Protocol

from chat import events
from chat.providers.base import Broken, Finished, Provider, ReasoningDelta, Request, TextDelta, ToolCallDelta


class Sink(Protocol):
    """Where the events of a run go (see `chat.log.runlog.RunLog`)."""

    def say(self, kind: Literal["text", "reasoning"], data: str) -> None:
        """A delta of the answer."""

    def tell(self, event: events.ProcessEvent) -> None:
        """A process event."""

    async def room(self) -> None:
        """Wait until more may be said."""


async def answer(provider: Provider, request: Request, sink: Sink) -> Finished:
    """Ask the model and pass on what it says. Raises ProviderError; what was said until then stays said."""
    sink.tell(step("process_start", f"Asking {request.model.name}"))
    finished: Finished | None = None
    async with aclosing(provider.stream(request)) as stream:
        async for event in stream:
            match event:
                case TextDelta(text):
                    sink.say("text", text)
                case ReasoningDelta(text):
                    sink.say("reasoning", text)
                case ToolCallDelta():
                    raise Broken(f"{request.model.name} called a tool, but it was given none.")
                case Finished():
                    finished = event
            await sink.room()
    if finished is None:
        raise Broken(f"{request.model.name} stopped in the middle of its answer.")
    sink.tell(step("process_complete", "Answer complete", progress=1.0))
    return finished


def step(
    kind: events.ProcessKind, description: str, *, progress: float | None = None, error: str | None = None
) -> events.ProcessEvent:
    """An event of an answer made in one step."""
    return events.ProcessEvent(
        kind, events.ProcessData(step=1, total_steps=1, description=description, progress=progress, error=error)
    )
