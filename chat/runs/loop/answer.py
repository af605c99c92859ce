"""The loop from model to tools to model, until an answer ends or must wait. It knows providers and parts, not their storage."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, aclosing
from typing import Any, Literal, Protocol

import msgspec

from chat import events, parts
from chat.markdown import seen
from chat.parts import AnyPart, Origin, ToolCall
from chat.providers.base import (
    Broken,
    Counted,
    Finished,
    NoAnswer,
    Provider,
    ProviderError,
    ReasoningData,
    ReasoningDelta,
    Refused,
    Request,
    TextDelta,
    ToolCallDelta,
    Turn,
)
from chat.providers.reading.thoughts import Thoughts
from chat.runs.loop import same_calls
from chat.runs.loop.calls import Calls
from chat.runs.loop.toolbox import Toolbox, Wait

MOST_STEPS = 20


class Sink(Protocol):
    """Receiver of the events of a run (see `chat.log.log_buffer.RunLog`)."""

    def say(self, kind: Literal["text", "reasoning"], data: str) -> None:
        """A delta of the answer."""

    def keep(self, data: dict[str, Any], *, redacted: bool = False) -> None:
        """Keep what the provider wants back with the thoughts that came last."""

    def tell(self, event: events.ProcessEvent) -> None:
        """A process event."""

    def said(self, kind: Literal["text", "reasoning"]) -> str:
        """All deltas of it in the present step."""

    def parts(self, step: int = 1, origin: Origin | None = None) -> list[AnyPart]:
        """Return what was said in the present step, as parts."""

    def rethink(self) -> None:
        """All that was said as text in this step were thoughts."""

    def counted(self, usage: events.Usage) -> None:
        """Take the provider's count of what the answer takes."""

    def at_tools(self) -> AbstractContextManager[None]:
        """Within, the model is not expected to say anything: its tools run."""

    async def room(self) -> None:
        """Wait until more may be said."""


class Steps(Protocol):
    """Steps that a run has taken so far, and their store (see `chat.runs.steps.StoredSteps`)."""

    parts: list[AnyPart]
    number: int  # of the step that is under way, from 1

    async def finish(self, made: list[AnyPart], finished: Finished) -> None:
        """Store a step that ended with calls. Nothing of it is asked again."""

    async def settle(self, results: Sequence[AnyPart]) -> None:
        """Store what came of the last step's calls."""


class Paused(Exception):
    """The answer waits for a decision."""

    def __init__(self, waits: list[Wait]) -> None:
        super().__init__(f"{len(waits)} calls wait.")
        self.waits = waits


async def answer(provider: Provider, request: Request, sink: Sink, tools: Toolbox, steps: Steps) -> Finished:
    """Ask the model, run what it calls, ask again, until it calls nothing more.

    Raises ProviderError, after which what was said stays said, and Paused where calls wait for a decision.
    """
    while True:
        request = await _settled(request, sink, tools, steps)
        sink.tell(events.process("process_start", f"Asking {request.model.name}", step=steps.number))
        finished, calls = await _ask(provider, request, sink, tools)
        if not calls:
            _check_answer(request, sink, steps, finished)
            return finished
        if steps.number >= MOST_STEPS:
            raise Refused(f"{request.model.name} called tools in {MOST_STEPS} steps without an answer and was ended.")
        here = request.model.origin
        made = [*sink.parts(steps.number, here), *tools.named(calls.parts(steps.number, here))]
        if same_calls.times(steps.parts, made) >= same_calls.ENDED_AT:
            raise Refused(f"{request.model.name} made the same calls again and again and was ended.")
        await steps.finish(made, finished)
        request = _with(request, made)


async def _settled(request: Request, sink: Sink, tools: Toolbox, steps: Steps) -> Request:
    """The request with the results of all calls that had none. Raises Paused."""
    calls = parts.open_calls(_begun(request))
    if not calls:
        return request
    with sink.at_tools():
        came = await tools.run(calls)
    if waits := [one for one in came if isinstance(one, Wait)]:
        raise Paused(waits)
    results = [one for one in came if not isinstance(one, Wait)]
    if same_calls.times(_before(steps.parts, calls), calls) >= same_calls.NUDGED_AT:
        results = same_calls.nudged(results)
    await steps.settle(results)
    return _with(request, results)


def _before(every: Sequence[AnyPart], calls: Sequence[ToolCall]) -> list[AnyPart]:
    return [part for part in every if part not in calls]


def _begun(request: Request) -> tuple[AnyPart, ...]:
    last = request.turns[-1]
    return last.parts if last.role == "assistant" else ()


def _with(request: Request, more: Sequence[AnyPart]) -> Request:
    """The request, its last turn an assistant's with these parts added."""
    turns, last = request.turns[:-1], request.turns[-1]
    added = Turn("assistant", (*last.parts, *more)) if last.role == "assistant" else Turn("assistant", tuple(more))
    return msgspec.structs.replace(request, turns=[*turns, added] if last.role == "assistant" else [*turns, last, added])


async def _ask(provider: Provider, request: Request, sink: Sink, tools: Toolbox) -> tuple[Finished, Calls]:
    """Ask once, and pass on what the model says."""
    finished: Finished | None = None
    thoughts, calls = Thoughts(sink), Calls()
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
                    case ReasoningData(data, redacted):
                        sink.keep(data, redacted=redacted)
                    case ToolCallDelta():
                        _take_call(event, calls, tools, request)
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
    return finished, calls if finished.reason in {"stop", "tool_calls"} else Calls()


def _take_call(delta: ToolCallDelta, calls: Calls, tools: Toolbox, request: Request) -> None:
    if tools.is_empty:
        raise Broken(f"{request.model.name} called a tool, but it was given none.")
    calls.take(delta)


def _check_answer(request: Request, sink: Sink, steps: Steps, finished: Finished) -> None:
    """Raises ProviderError where nothing can be seen of the whole answer."""
    if seen.is_blank(sink.said("text")) and seen.is_blank(parts.text_of(steps.parts)):
        raise _without_answer(request.model.name, finished, thought=bool(sink.said("reasoning")))
    sink.tell(events.ended(finished.reason, steps.number))


def _without_answer(name: str, finished: Finished, *, thought: bool) -> ProviderError:
    if finished.reason == "content_filter":
        return Refused(f"The provider of {name} filtered this answer, and nothing of it is left.")
    if finished.reason == "length":
        return NoAnswer("The model gave no answer: it had reached its limit of tokens before the first word.")
    return NoAnswer("The model gave no answer: it ended after its thoughts." if thought else "The model gave no answer.")
