"""The loop that turns a model's stream into the events of a run. It knows providers and events, nothing of their storage."""

from contextlib import aclosing
from typing import Literal, Protocol

from chat import events
from chat.markdown import seen
from chat.providers.base import (
    Broken,
    Counted,
    Finished,
    NoAnswer,
    Provider,
    ProviderError,
    ReasoningDelta,
    Refused,
    Request,
    TextDelta,
    ToolCallDelta,
)
from chat.providers.thoughts import Thoughts


class Sink(Protocol):
    """Where the events of a run go (see `chat.log.log_buffer.RunLog`)."""

    def say(self, kind: Literal["text", "reasoning"], data: str) -> None:
        """A delta of the answer."""

    def tell(self, event: events.ProcessEvent) -> None:
        """A process event."""

    def said(self, kind: Literal["text", "reasoning"]) -> str:
        """All deltas of it so far."""

    def rethink(self) -> None:
        """All that was said as text were thoughts."""

    def counted(self, usage: events.Usage) -> None:
        """Take the provider's count of what the answer takes."""

    async def room(self) -> None:
        """Wait until more may be said."""


async def answer(provider: Provider, request: Request, sink: Sink) -> Finished:
    """Ask the model and pass on what it says. Raises ProviderError; what was said until then stays said."""
    sink.tell(step("process_start", f"Asking {request.model.name}"))
    finished: Finished | None = None
    thoughts = Thoughts(sink)
    try:
        async with aclosing(provider.stream(request)) as stream:
            async for event in stream:
                match event:
                    case TextDelta(text) if thoughts.is_idle and "<" not in text:
                        sink.say("text", text)
                    case TextDelta(text):
                        thoughts.take(text)
                    case ReasoningDelta(text):
                        sink.say("reasoning", text)
                    case ToolCallDelta():
                        raise Broken(f"{request.model.name} called a tool, but it was given none.")
                    case Counted(usage):
                        sink.counted(usage)
                    case Finished():
                        finished = event
                await sink.room()
    finally:
        thoughts.end()
    if finished is None:
        raise Broken(f"{request.model.name} stopped in the middle of its answer.")
    sink.counted(finished.usage)
    if seen.is_blank(sink.said("text")):
        raise _without_answer(request.model.name, finished, thought=bool(sink.said("reasoning")))
    sink.tell(step("process_complete", "Answer complete", progress=1.0))
    return finished


def _without_answer(name: str, finished: Finished, *, thought: bool) -> ProviderError:
    if finished.reason == "content_filter":
        return Refused(f"The provider of {name} filtered this answer, and nothing of it is left.")
    if finished.reason == "length":
        return NoAnswer("The model gave no answer: it had reached its limit of tokens before the first word.")
    return NoAnswer("The model gave no answer: it ended after its thoughts." if thought else "The model gave no answer.")


def step(
    kind: events.ProcessKind, description: str, *, progress: float | None = None, error: str | None = None
) -> events.ProcessEvent:
    """An event of an answer made in one step."""
    return events.ProcessEvent(
        kind, events.ProcessData(step=1, total_steps=1, description=description, progress=progress, error=error)
    )
