"""The loop on Gemini's own wire, which LiteLLM reads for Vertex AI: parallel calls, signatures, broken calls."""

import json
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from chat import parts
from chat.log.log_buffer import RunLog
from chat.parts import AnyPart, ToolCall, ToolResult
from chat.providers import sessions
from chat.providers.base import Broken, Finished, ModelConfig, NoAnswer, ProviderError, Request, ToolSpec, Turn
from chat.providers.retrying import RetryingProvider
from chat.providers.wires.litellm_stream import LiteLLMStream
from chat.runs.loop import answer
from chat.runs.loop.repair import NotUsable, repaired
from tests.providers.server import StandIn, serving
from tests.providers.wires import SIGNATURE

INTEGERS = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}


class Adding:
    """A toolbox with one tool."""

    is_empty = False
    is_elsewhere = False
    specs = (ToolSpec("add", "Add two integers.", INTEGERS),)

    def named(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        return list(calls)

    async def hand_over(self, made: Sequence[AnyPart]) -> bool:  # noqa: ARG002
        return False

    async def run(self, calls: Sequence[ToolCall]) -> list[AnyPart]:
        return [self._run(call) for call in calls]

    def _run(self, call: ToolCall) -> ToolResult:
        try:
            made = repaired(call, self.specs)
        except NotUsable as error:
            return ToolResult(call.call, "failed", str(error))
        return ToolResult(call.call, "succeeded", str(sum(made.arguments.values())))


class Steps:
    """The steps of one answer."""

    def __init__(self, log: RunLog) -> None:
        self.parts: list[AnyPart] = []
        self.number = 1
        self._log = log

    async def finish(self, made: list[AnyPart], finished: Finished) -> None:  # noqa: ARG002
        self.parts += made
        self.number += 1
        self._log.begin_step()

    async def settle(self, results: Sequence[AnyPart]) -> None:
        self.parts += results


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with serving() as server:
        yield server
        await sessions.close()


async def asked(server: StandIn, script: str) -> tuple[str, list[AnyPart]]:
    """The words of the answer, and the parts of the steps before."""
    model = ModelConfig("Gemini", "gemini", "stand-in-small", f"{server.url}/v1beta", "key")
    log = RunLog(uuid.uuid4(), key=b"k", fence=1, next_seq=1, on_change=lambda *_: None)
    steps = Steps(log)
    request = Request(model, [Turn.said("system", "Be brief."), Turn.said("user", script)], tools=Adding.specs)
    await answer.answer(RetryingProvider(LiteLLMStream(), attempts=1), request, log, Adding(), steps)
    return log.said("text"), steps.parts


def contents(server: StandIn) -> list[dict[str, Any]]:
    """The parts of the last request's history."""
    return [part for turn in server.calls.last.body["contents"] for part in turn["parts"]]


async def test_parallel_calls_stay_apart_and_go_back_with_their_signature_and_results(stand_in: StandIn) -> None:
    script = '[[tool="add&add" arguments="{\\"a\\":2,\\"b\\":3}&&{\\"a\\":4,\\"b\\":5}" text=Done.]]'
    text, made = await asked(stand_in, script)
    assert text == "Done."
    assert [result.text for result in parts.of_kind(ToolResult, made)] == ["5", "9"]
    calls = [part for part in contents(stand_in) if "functionCall" in part or "function_call" in part]
    assert [part.get("thoughtSignature") for part in calls] == [SIGNATURE, None]
    results = [part for part in contents(stand_in) if "functionResponse" in part or "function_response" in part]
    assert [json.dumps(part).count(number) > 0 for part, number in zip(results, ("5", "9"), strict=True)] == [True, True]


async def test_an_unknown_tool_is_told(stand_in: StandIn) -> None:
    text, made = await asked(stand_in, '[[tool="nothing&add" arguments="{\\"a\\":2}" text=Done.]]')
    assert text == "Done."
    first, second = parts.of_kind(ToolResult, made)
    assert ("no tool called nothing" in first.text, second.text) == (True, "2")


async def test_a_call_that_gemini_could_not_read_ends_as_an_error(stand_in: StandIn) -> None:
    with pytest.raises(ProviderError) as caught:
        await asked(stand_in, '[[tool=add arguments="{" text=Done.]]')
    assert isinstance(caught.value, Broken | NoAnswer)
