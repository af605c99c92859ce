"""Peculiarities of OpenAI-compatible servers, and asking again before the first word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from chat.events import Usage
from chat.providers import error_mapping, sessions
from chat.providers.base import (
    Broken,
    Finished,
    ModelConfig,
    Overloaded,
    ProviderError,
    ProviderEvent,
    RateLimited,
    ReasoningDelta,
    Refused,
    Request,
    Stalled,
    TextDelta,
    Turn,
    Unauthorised,
)
from chat.providers.reading.lines import Lines
from chat.providers.retrying import LONGEST_WAIT, RetryingProvider, wait_before
from chat.providers.routing import provider_for
from chat.providers.setup_help import UNSET, Unset
from chat.providers.wires.openai_delta import Answer
from chat.providers.wires.openai_wire import OpenAIWire
from tests.providers.server import StandIn, serving

MODEL = ModelConfig("Test model", "openai", "m")


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with serving() as server:
        yield server
        await sessions.close()


def asking(question: str, server: StandIn, **members: Any) -> Request:
    return Request(ModelConfig("Test model", "vllm", "m", server.openai_url), [Turn.said("user", question)], **members)


async def collect(provider: Any, request: Request) -> list[ProviderEvent]:
    async with aclosing(provider.stream(request)) as events:
        return [event async for event in events]


@pytest.mark.parametrize("fault", ["utf8@2", "endless@2"])
async def test_what_cannot_be_read_is_broken(stand_in: StandIn, fault: str) -> None:
    with pytest.raises(Broken):
        await collect(OpenAIWire(), asking(f"[[tokens=5 fault={fault}]]", stand_in))


@pytest.mark.parametrize("fault", ["html", "redirect", "400"])
async def test_what_answers_otherwise_is_refused_at_once(stand_in: StandIn, fault: str) -> None:
    with pytest.raises(Refused):
        await collect(OpenAIWire(), asking(f"[[tokens=5 fault={fault}]]", stand_in))


async def test_the_end_mark_may_come_twice(stand_in: StandIn) -> None:
    events = await collect(OpenAIWire(), asking("[[tokens=5 fault=done2]]", stand_in))
    assert len([event for event in events if isinstance(event, Finished)]) == 1


async def test_a_server_that_refuses_to_count_is_asked_without(stand_in: StandIn) -> None:
    wire = OpenAIWire()
    for _ in range(2):
        assert isinstance((await collect(wire, asking("[[tokens=2 fault=nousage]]", stand_in)))[-1], Finished)
    assert len(stand_in.calls.all) == 2
    assert all("stream_options" not in call.body for call in stand_in.calls.all)


async def test_a_kept_connection_that_the_server_has_closed_is_no_failure() -> None:
    """As llama.cpp's server does: it keeps a connection, then closes it as the next question comes."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"}]")
        asked += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for event in (b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n', b"data: [DONE]\n\n"):
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        writer.write(b"0\r\n\r\n")
        await reader.readuntil(b"}]")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    model = ModelConfig("Test model", "vllm", "m", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    try:
        for _ in range(3):
            events = await collect(OpenAIWire(), Request(model, [Turn.said("user", "Hello")]))
            assert isinstance(events[0], TextDelta)
    finally:
        await sessions.close()
        server.close()
    assert asked == 3


async def test_a_connection_serves_the_next_question_too(stand_in: StandIn) -> None:
    wire = OpenAIWire()
    for _ in range(3):
        await collect(wire, asking("[[tokens=2]]", stand_in))
    connector = sessions.session().connector
    assert connector is not None
    assert len(connector._conns) == 1


def read(*payloads: str) -> list[ProviderEvent]:
    answer = Answer(MODEL)
    events = [event for payload in payloads for event in answer.read(payload.encode())]
    return [*events, answer.finished()]


def delta(member: str) -> str:
    """A chunk whose delta has this member."""
    return 'data: {"choices":[{"delta":{' + member + "}}]}"


def test_counts_of_tokens_that_cannot_be_are_not_believed() -> None:
    for many in ("99999999999", "1e400", "Infinity"):
        usage = '"usage":{"prompt_tokens":-5,"completion_tokens":' + many + ',"cost":-1}'
        last = read('data: {"choices":[],' + usage + "}", "data: [DONE]")[-1]
        assert isinstance(last, Finished)
        assert last.usage == Usage(0, 0, None)


def test_of_several_choices_the_one_that_was_asked_for_is_read() -> None:
    both = '{"index":1,"delta":{"content":"No"}},{"index":0,"delta":{"content":"Yes"}}'
    assert read('data: {"choices":[' + both + "]}", "data: [DONE]")[0] == TextDelta("Yes")


def test_a_byte_order_mark_or_a_number_between_events_breaks_nothing() -> None:
    sent = [delta('"content":"a"'), "", "data: 7", "", "\ufeff" + delta('"content":"b"'), "", "data: [DONE]", ""]
    events = read(*(line.decode() for line in Lines().feed("\n".join(sent).encode())))
    assert events[:2] == [TextDelta("a"), TextDelta("b")]


def test_json_nested_without_end_is_garbage() -> None:
    with pytest.raises(Broken):
        read('data: {"error":' + "[" * 100_000)


def test_the_dialects_of_reasoning_are_one() -> None:
    parts = '[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"A"}]'
    assert read(delta('"reasoning_content":"Hm"'), "data: [DONE]")[0] == ReasoningDelta("Hm")
    assert read(delta('"reasoning":"Hm"'), "data:[DONE]\r")[0] == ReasoningDelta("Hm")
    assert read(delta('"content":' + parts), "data: [DONE]")[:2] == [
        ReasoningDelta("Hm"),
        TextDelta("A"),
    ]


def test_tool_calls_that_end_with_stop_end_with_tool_calls() -> None:
    call = delta('"tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a":1}}}]')
    last = read(call, 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}')[-1]
    assert isinstance(last, Finished)
    assert last.reason == "tool_calls"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('error: {"code":500,"message":"slot gone"}', Overloaded),
        ('{"error":{"message":"no","code":401}}', Unauthorised),
        ('data: {"error":{"code":"rate_limit_exceeded","message":"slow down"}}', RateLimited),
        ('data: {"error":"maximum context length is 8192 tokens"}', Refused),
        ("<html>", Broken),
    ],
)
def test_the_dialects_of_failure_are_told_apart(line: str, kind: type[ProviderError]) -> None:
    with pytest.raises(kind):
        read(line)


def test_comments_and_empty_lines_say_nothing() -> None:
    assert read(": OPENROUTER PROCESSING", "", "\r", "event: message", "id: 7", 'data: {"choices":[]}', "data: [DONE]")[0]


def test_lines_are_whole_however_they_are_cut() -> None:
    text = "eins\nzwei ö\n\ndrei 你".encode()
    for size in range(1, len(text)):
        lines = Lines()
        got = [line for start in range(0, len(text), size) for line in lines.feed(text[start : start + size])]
        assert [*got, lines.rest()] == text.split(b"\n")


async def test_two_failures_before_the_first_word_are_forgiven(stand_in: StandIn) -> None:
    told: list[tuple[str, float]] = []
    provider = RetryingProvider(OpenAIWire(), on_retry=lambda error, seconds: told.append((error.code, seconds)))
    events = await collect(provider, asking("[[tokens=2 first=429x2 retry_after=0.05]]", stand_in))
    assert isinstance(events[-1], Finished)
    assert [code for code, _ in told] == ["model_rate_limited"] * 2
    assert len(stand_in.calls.all) == 3


async def test_the_third_failure_is_the_last(stand_in: StandIn) -> None:
    with pytest.raises(RateLimited):
        await collect(RetryingProvider(OpenAIWire()), asking("[[fault=429 retry_after=0.01]]", stand_in))
    assert len(stand_in.calls.all) == 3


async def test_nothing_is_repeated_after_the_first_word(stand_in: StandIn) -> None:
    with pytest.raises(Broken):
        await collect(RetryingProvider(OpenAIWire()), asking("[[tokens=5 fault=cut@2]]", stand_in))
    assert len(stand_in.calls.all) == 1


def test_only_what_may_pass_is_waited_for() -> None:
    assert wait_before(2, Unauthorised("no")) is None
    assert wait_before(2, Stalled("no")) is None
    assert wait_before(2, RateLimited("later", retry_after=LONGEST_WAIT + 1)) is None
    assert 1.0 <= (wait_before(2, RateLimited("soon", retry_after=1.0)) or 0) <= 1.25
    assert 0.25 <= (wait_before(2, Overloaded("hm")) or 0) <= 0.75


async def test_no_model_answers_with_how_to_get_one() -> None:
    events = await collect(provider_for(UNSET), Request(UNSET, [Turn.said("user", "hi")]))
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert "No language model is set up yet" in text
    assert "LLM_BASE_URL" in text


async def test_it_tells_what_counts_at_once_and_what_after_a_restart() -> None:
    events = await collect(Unset(finds=True), Request(UNSET, [Turn.said("user", "hi")]))
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    at_once, _, later = text.partition("after a restart")
    assert "Ollama" in at_once
    assert "llms.yml" in at_once
    assert "OPENAI_API_KEY" not in at_once
    assert "OPENAI_API_KEY" in later
    assert "LLM_BASE_URL" in later


async def test_it_promises_to_find_none_where_none_is_looked_for() -> None:
    events = await collect(Unset(finds=False), Request(UNSET, [Turn.said("user", "hi")]))
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert "FIND_MODELS=true" in text
    assert "llms.yml" in text
    for looked_for in ("Ollama", "OPENAI_API_KEY", "found"):
        assert looked_for not in text


def test_a_nameless_server_is_spoken_of_in_correct_sentences() -> None:
    model = ModelConfig("Mine", "openai_compatible", "m")
    assert str(error_mapping.of_status(503, model)).startswith("The model server is having problems")
    assert "at the model server has" in str(error_mapping.of_status(402, model))
    assert str(error_mapping.of_status(429, ModelConfig("Grok", "xai", "g"))).startswith("xAI is busy")


def test_a_wrong_key_tells_where_keys_are() -> None:
    assert "llms.yml" in str(error_mapping.of_status(401, MODEL))
    assert "settings" not in str(error_mapping.of_status(401, MODEL))


async def test_calls_can_be_switched_off(stand_in: StandIn, settings: Any) -> None:
    settings.ENVIRONMENT = msgspec.structs.replace(settings.ENVIRONMENT, disable_llm_calls=True)
    request = asking("hi", stand_in)
    with pytest.raises(Refused, match="DISABLE_LLM_CALLS"):
        await collect(provider_for(request.model), request)
    assert not stand_in.calls.all
