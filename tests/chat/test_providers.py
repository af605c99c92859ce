"""One suite for every adapter: the same cases on every wire, spoken by the stand-in over real HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from chat.providers import sessions
from chat.providers.base import (
    Broken,
    Finished,
    ModelConfig,
    NoSuchModel,
    Overloaded,
    ProviderError,
    ProviderEvent,
    RateLimited,
    ReasoningDelta,
    Request,
    Stalled,
    TextDelta,
    ToolCallDelta,
    Turn,
    Unauthorised,
    Unreachable,
)
from chat.providers.known import prices
from chat.providers.parameters import Parameters
from chat.providers.routing import needs_litellm, provider_for
from tests.ports import free_port
from tests.providers.server import StandIn, serving

PLANTED = "sk-planted-secret-000000000000"
# Anthropic's is read by LiteLLM. Gemini and Ollama are asked at their OpenAI-compatible doors (docs/decisions, "wires").
WIRES = ["openai", "anthropic", "gemini", "ollama", "bedrock", "azure"]


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with serving() as server:
        yield server
        await sessions.close()


def model(wire: str, server: StandIn) -> ModelConfig:
    base = {"openai": server.openai_url, "anthropic": f"{server.url}/v1", "gemini": f"{server.url}/v1beta"}.get(
        wire, server.url
    )
    return ModelConfig(name="Test model", provider=wire, model="stand-in-small", base_url=base, api_key=PLANTED)


def asking(question: str, config: ModelConfig, **members: Any) -> Request:
    return Request(config, [Turn.said("system", "Be brief."), Turn.said("user", question)], **members)


async def collect(request: Request) -> list[ProviderEvent]:
    async with aclosing(provider_for(request.model).stream(request)) as events:
        return [event async for event in events]


async def failing(request: Request) -> tuple[str, ProviderError]:
    """The text that came, and the error that ended it."""
    text = ""
    with pytest.raises(ProviderError) as caught:
        async with aclosing(provider_for(request.model).stream(request)) as events:
            async for event in events:
                text += event.text if isinstance(event, TextDelta) else ""
    assert PLANTED not in str(caught.value)
    return text, caught.value


def text_of(events: list[ProviderEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("wire", WIRES)
async def test_an_answer_comes_whole_and_in_order(stand_in: StandIn, wire: str) -> None:
    events = await collect(asking('[[text="Grüße aus Zürich, 你好 🌍!" reasoning=3]]', model(wire, stand_in)))
    assert text_of(events) == "Grüße aus Zürich, 你好 🌍!"
    assert "".join(event.text for event in events if isinstance(event, ReasoningDelta)) == "Let me think"
    last = events[-1]
    assert isinstance(last, Finished)
    assert (last.reason, last.usage.prompt_tokens, last.usage.completion_tokens) == ("stop", 12, 8)


@pytest.mark.parametrize("wire", [wire for wire in WIRES if "ollama" not in wire])
async def test_tokens_that_the_provider_had_read_before_are_counted_and_cost_less(stand_in: StandIn, wire: str) -> None:
    asked = model(wire, stand_in)
    first, again = [(await collect(asking(f"[[tokens=2{more}]]", asked)))[-1] for more in ("", " cached=10")]
    assert isinstance(first, Finished)
    assert isinstance(again, Finished)
    assert (first.usage.prompt_tokens, first.usage.cached_tokens) == (12, 0)
    assert (again.usage.prompt_tokens, again.usage.cached_tokens) == (12, 10)
    priced = prices.Rates(3e-6, 15e-6, 0.3e-6)
    assert priced.cost(first.usage) - priced.cost(again.usage) == pytest.approx(10 * 2.7e-6)


@pytest.mark.parametrize("wire", WIRES)
async def test_the_question_arrives_with_its_key_and_system_prompt(stand_in: StandIn, wire: str) -> None:
    await collect(asking("[[tokens=1]] What?", model(wire, stand_in), parameters=Parameters(temperature=0.3)))
    call = stand_in.calls.last
    assert "Be brief." in str(call.body)
    assert "0.3" in str(call.body)
    assert call.key == PLANTED


@pytest.mark.parametrize("wire", WIRES)
async def test_a_tool_call_comes_with_its_arguments(stand_in: StandIn, wire: str) -> None:
    events = await collect(asking("[[tool=weather]]", model(wire, stand_in)))
    calls = [event for event in events if isinstance(event, ToolCallDelta)]
    assert "".join(call.name or "" for call in calls) == "weather"
    assert "".join(call.arguments for call in calls).replace(" ", "") == '{"place":"Zürich"}'
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "tool_calls"


@pytest.mark.parametrize("wire", WIRES)
async def test_characters_split_between_reads_stay_whole(stand_in: StandIn, wire: str) -> None:
    events = await collect(asking('[[text="äöü 你好 🌍" fault=split]]', model(wire, stand_in)))
    assert text_of(events) == "äöü 你好 🌍"


@pytest.mark.parametrize("wire", WIRES)
async def test_running_into_the_length_limit_is_told(stand_in: StandIn, wire: str) -> None:
    events = await collect(asking("[[tokens=2 finish=length]]", model(wire, stand_in)))
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "length"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [("401", Unauthorised), ("404", NoSuchModel), ("429", RateLimited), ("500", Overloaded), ("503", Overloaded)],
)
async def test_a_refusal_becomes_its_own_error(stand_in: StandIn, wire: str, fault: str, kind: type[ProviderError]) -> None:
    text, error = await failing(asking(f"[[fault={fault} retry_after=3]]", model(wire, stand_in)))
    assert (text, type(error)) == ("", kind)
    if kind is RateLimited:
        assert error.retry_after == 3
    assert len(stand_in.calls.all) == 1


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(("fault", "kinds"), [("cut@3", Broken), ("garbage@3", Broken), ("error@3", Overloaded)])
async def test_a_stream_that_breaks_keeps_its_text_and_says_so(
    stand_in: StandIn, wire: str, fault: str, kinds: type[ProviderError]
) -> None:
    text, error = await failing(asking(f'[[text="one two three four five" fault={fault}]]', model(wire, stand_in)))
    assert text == "one two three"
    assert isinstance(error, kinds), repr(error)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_tidy_end_without_the_end_mark_is_no_answer(stand_in: StandIn, wire: str) -> None:
    text, error = await failing(asking('[[text="one two three four" fault=end@2]]', model(wire, stand_in)))
    assert text == "one two"
    assert isinstance(error, Broken)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", ["stall@0", "stall@3"])
async def test_a_stall_is_noticed_in_time_and_the_socket_closed(stand_in: StandIn, wire: str, fault: str) -> None:
    began = time.monotonic()
    config = model(wire, stand_in)
    _, error = await failing(asking(f"[[tokens=9 fault={fault}]]", config, first_token_seconds=0.6, between_tokens_seconds=0.4))
    assert isinstance(error, Stalled)
    assert time.monotonic() - began < 1.6
    await gone(stand_in)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_short_pause_is_no_stall(stand_in: StandIn, wire: str) -> None:
    request = asking("[[tokens=9 fault=pause@3]]", model(wire, stand_in), first_token_seconds=5, between_tokens_seconds=0.6)
    assert isinstance((await collect(request))[-1], Finished)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_slow_reader_is_no_stall(stand_in: StandIn, wire: str) -> None:
    request = asking("[[tokens=5]]", model(wire, stand_in), between_tokens_seconds=0.3)
    async with aclosing(provider_for(request.model).stream(request)) as events:
        await anext(events)
        await asyncio.sleep(0.8)
        assert isinstance([event async for event in events][-1], Finished)


@pytest.mark.parametrize("wire", WIRES)
async def test_closing_closes_the_providers_socket_at_once(stand_in: StandIn, wire: str) -> None:
    request = asking("[[tokens=5000 rate=50]]", model(wire, stand_in))
    async with aclosing(provider_for(request.model).stream(request)) as events:
        for _ in range(3):
            await anext(events)
        closed = time.monotonic_ns()
    await gone(stand_in)
    assert (stand_in.calls.last.ended - closed) / 1e6 < 300


@pytest.mark.parametrize("wire", WIRES)
async def test_cancelling_the_reader_closes_the_providers_socket(stand_in: StandIn, wire: str) -> None:
    reading = asyncio.create_task(collect(asking("[[tokens=5000 fault=stall@2]]", model(wire, stand_in))))
    while not stand_in.calls.all or stand_in.calls.last.tokens < 2:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    cancelled = time.monotonic_ns()
    reading.cancel()
    await asyncio.wait([reading])
    await gone(stand_in)
    assert (stand_in.calls.last.ended - cancelled) / 1e6 < 300


@pytest.mark.parametrize("wire", WIRES)
async def test_nobody_at_the_address_is_unreachable(stand_in: StandIn, wire: str) -> None:
    nobody = StandIn(port=free_port())
    _, error = await failing(asking("hi", model(wire, nobody)))
    assert isinstance(error, Unreachable)


@pytest.mark.parametrize("wire", WIRES)
async def test_no_key_reaches_the_log(stand_in: StandIn, wire: str, caplog: pytest.LogCaptureFixture) -> None:
    for fault in ("401", "500", "error@1", "garbage@1", "cut@1"):
        await failing(asking(f"[[tokens=3 fault={fault}]]", model(wire, stand_in)))
    await asyncio.sleep(0.05)
    assert PLANTED not in caplog.text


async def gone(server: StandIn) -> None:
    """Waits until the stand-in has seen the client go."""
    for _ in range(100):
        if server.calls.open == 0:
            return
        await asyncio.sleep(0.01)
    pytest.fail("The connection to the provider stayed open.")


async def test_only_providers_with_a_wire_of_their_own_need_litellm(stand_in: StandIn) -> None:
    assert [needs_litellm(model(wire, stand_in)) for wire in WIRES] == [False, True, False, False, True, True]
