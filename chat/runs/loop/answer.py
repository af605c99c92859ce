"""The loop from model to tools to model, until an answer ends or must wait. It knows providers and parts, not their storage."""

from collections.abc import Sequence

import msgspec

from chat import events, parts
from chat.markdown import seen
from chat.parts import AnyPart, ToolCall
from chat.providers.base import Finished, NoAnswer, Provider, ProviderError, Refused, Request, Turn
from chat.runs.loop import same_calls
from chat.runs.loop.hearing import heard
from chat.runs.loop.sink import Sink, Steps
from chat.runs.loop.toolbox import Toolbox, Wait

MOST_STEPS = 20


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
        finished, calls, model = await heard(provider, request, sink, tools)
        request = msgspec.structs.replace(request, model=model)  # a member that has begun to answer for an alias goes on
        if not calls:
            _check_answer(request, sink, steps, finished)
            return finished
        if steps.number >= MOST_STEPS:
            raise Refused(f"{request.model.name} called tools in {MOST_STEPS} steps without giving an answer and was stopped.")
        here = request.model.origin
        made = [*sink.parts(steps.number, here), *tools.named(calls.parts(steps.number, here))]
        if await tools.hand_over([*steps.parts, *made]):
            sink.tell(events.ended("tool_calls", steps.number))
            return Finished("tool_calls", finished.usage)
        if same_calls.times(steps.parts, made) >= same_calls.ENDED_AT:
            raise Refused(f"{request.model.name} made the same calls again and again and was stopped.")
        await steps.finish(made, finished)
        request = msgspec.structs.replace(_with(request, made), form=request.form.later())


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


def _check_answer(request: Request, sink: Sink, steps: Steps, finished: Finished) -> None:
    """Refuse an answer without anything visible, unless the request allows it. Raises ProviderError."""
    if not request.may_be_blank and seen.is_blank(sink.said("text")) and seen.is_blank(parts.text_of(steps.parts)):
        raise _without_answer(request.model.name, finished, thought=bool(sink.said("reasoning")))
    sink.tell(events.ended(finished.reason, steps.number))


def _without_answer(name: str, finished: Finished, *, thought: bool) -> ProviderError:
    if finished.reason == "content_filter":
        return Refused(f"The provider of {name} filtered this answer, and nothing of it is left.")
    if finished.reason == "length":
        return NoAnswer("The model gave no answer: it had reached its limit of tokens before the first word.")
    return NoAnswer("The model gave no answer: it ended after its thoughts." if thought else "The model gave no answer.")
