"""Streams of real model servers: read leniently, ended honestly. The bytes are in `tests.providers.played`."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, nullcontext
from typing import Any

import pytest
from aiohttp import web

from accounts.storage import texts
from chat import events
from chat.events import Usage
from chat.parts import AnyPart, Origin
from chat.providers import error_mapping, sessions
from chat.providers.base import Finished, ModelConfig, ProviderError, Request, TextDelta, Turn
from chat.providers.known import model_finder
from chat.providers.retrying import RetryingProvider
from chat.providers.wires.openai_wire import OpenAIWire
from chat.runs.loop import answer
from chat.runs.loop.toolbox import NoTools
from tests.client import Client
from tests.providers import played
from tests.providers.server import StandIn, serving


class Heard:
    """Keeps what an answer says, as the log of a run does."""

    def __init__(self) -> None:
        self.heard = {"text": "", "reasoning": ""}
        self.usage = Usage()

    def say(self, kind: Any, data: str) -> None:
        self.heard[kind] += data

    def said(self, kind: Any) -> str:
        return self.heard[kind]

    def keep(self, data: dict[str, Any], *, redacted: bool = False) -> None:
        pass

    def parts(self, step: int = 1, origin: Origin | None = None) -> list[AnyPart]:  # noqa: ARG002
        return []

    def rethink(self) -> None:
        self.heard = {"text": "", "reasoning": self.heard["reasoning"] + self.heard["text"]}

    def ask(self) -> None:
        pass

    def calls(self) -> None:
        pass

    def counted(self, usage: Usage) -> None:
        self.usage = usage

    def tell(self, event: events.ProcessEvent) -> None:
        pass

    def at_tools(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def room(self) -> None:
        pass


class NoSteps:
    """Of an answer in one step nothing is stored before its end."""

    parts: list[AnyPart] = []
    number = 1

    async def finish(self, made: list[AnyPart], finished: Finished) -> None:
        pass

    async def settle(self, results: Sequence[AnyPart]) -> None:
        pass


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with serving() as server:
        yield server
        await sessions.close()


def asking(server: StandIn, name: str, *, turns: list[Turn] | None = None, **members: Any) -> Request:
    model = ModelConfig("Test model", "vllm", name, server.openai_url, played.SECRET, **members)
    question = Turn.said("user", f"[[play={name}]]")
    return Request(model, [Turn.said("system", "Be brief."), *(turns or []), question], first_token_seconds=20)


@asynccontextmanager
async def site(*routes: web.RouteDef) -> AsyncIterator[str]:
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def hear(server: StandIn, name: str) -> tuple[Finished, Heard]:
    heard = Heard()
    async with asyncio.timeout(30):
        return await answer.answer(
            RetryingProvider(OpenAIWire(), attempts=1), asking(server, name), heard, NoTools(None), NoSteps()
        ), heard


@pytest.mark.parametrize("name", played.WELL)
async def test_the_answer_is_read_however_it_is_sent(stand_in: StandIn, name: str) -> None:
    finished, heard = await hear(stand_in, name)
    assert heard.heard["text"].strip() == "Hello world"
    assert finished.reason == "stop"
    assert ("Hm" in heard.heard["reasoning"]) == (name.startswith("think") or name == "same_in_both")
    assert heard.heard["reasoning"].count("Hm") <= 1


@pytest.mark.parametrize("name", played.ILL)
async def test_what_is_no_answer_is_an_error_with_its_cause(stand_in: StandIn, name: str) -> None:
    _, code, words, text = played.ILL[name]
    heard = Heard()
    with pytest.raises(ProviderError) as caught:
        await answer.answer(RetryingProvider(OpenAIWire(), attempts=1), asking(stand_in, name), heard, NoTools(None), NoSteps())
    assert (caught.value.code, words in str(caught.value)) == (code, True), str(caught.value)
    assert played.SECRET not in str(caught.value)
    assert text is None or heard.heard["text"] == text


async def test_a_refusal_is_shown_and_marked(stand_in: StandIn) -> None:
    finished, heard = await hear(stand_in, "refusal")
    assert (heard.heard["text"], finished.reason) == ("I cannot.", "refusal")


@pytest.mark.parametrize(
    ("name", "tokens", "cost"),
    [
        ("as_texts", (7, 2), 0.5),
        ("as_floats", (7, 2), 0.5),
        ("missing", (0, 2), None),
        ("odd", (0, 0), None),
        ("endless", (0, 0), None),
        ("twice", (7, 2), 0.5),
    ],
)
async def test_what_can_be_read_of_the_counts_is_counted(
    stand_in: StandIn, name: str, tokens: tuple[int, int], cost: float | None
) -> None:
    finished, heard = await hear(stand_in, f"count_{name}")
    assert heard.heard["text"] == "Hello world"
    assert (finished.usage.prompt_tokens, finished.usage.completion_tokens) == tokens
    assert finished.usage.cost == cost


@pytest.mark.parametrize("name", played.SYSTEM_ROLE)
async def test_a_model_without_a_system_role_gets_it_in_the_first_question(stand_in: StandIn, name: str) -> None:
    wire = RetryingProvider(OpenAIWire(), attempts=1)
    for _ in range(2):
        heard = Heard()
        await answer.answer(wire, asking(stand_in, f"system_{name}"), heard, NoTools(None), NoSteps())
        assert heard.heard["text"] == "Hello world"
    roles = [[turn["role"] for turn in call.body["messages"]] for call in stand_in.calls.all]
    assert roles == [["system", "user"], ["user"], ["user"]]  # the second time it is known
    assert stand_in.calls.last.body["messages"][0]["content"].startswith("Be brief.\n\n")


async def test_an_operator_can_say_that_a_model_has_no_system_role(stand_in: StandIn) -> None:
    request = asking(stand_in, "bare_done", system_role=False)
    async with aclosing(RetryingProvider(OpenAIWire()).stream(request)) as stream:
        assert [event async for event in stream if isinstance(event, TextDelta)]
    assert [turn["role"] for turn in stand_in.calls.last.body["messages"]] == ["user"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1.5", 1.5),
        ("²", None),
        ("٣", None),
        ("9" * 400, error_mapping.LONGEST_WAIT),
        ("-5", None),
        ("nan", None),
        ("1e999", error_mapping.LONGEST_WAIT),
        ("9" * 100_000, None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", error_mapping.LONGEST_WAIT),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Mon, 99 Foo 99999 99:99:99 -9999999999", None),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_to_wait_is_read_within_bounds(value: str, seconds: float | None) -> None:
    assert error_mapping.retry_after(value) == seconds


@pytest.mark.parametrize(
    "listing",
    [
        [{"id": "good"}, {"id": None, "name": None}, {"id": 5.5}, {"id": ["a"]}, {"id": "a\u0007b"}, {"id": ""}, 7, None],
        {"data": [{"id": "good", "created": "yesterday"}, {"id": {}, "created": 1e400}]},
        {"object": "list", "models": [{"name": "good", "details": "none"}]},
        ["good"],
    ],
)
async def test_the_good_entries_of_a_listing_are_found(listing: Any) -> None:
    async def models(_: Any) -> Any:
        return web.Response(body=json.dumps(listing).encode(), content_type="application/json")

    async with site(web.get("/v1/models", models)) as url:
        assert await model_finder.ask(model_finder.Source("openai_compatible", f"{url}/v1"), "") == ["good"]
        await sessions.close()


async def test_over_the_socket_it_is_the_same(alice_client: Client) -> None:
    names = ["comments_after_usage", "think_closed_only", "one_json_indented", "odd_members", "done_alone", "error_indented"]
    names.append("thoughts_that_cannot_be_stored")
    for name in names:
        async with alice_client.socket() as socket:
            accepted = await socket.ask(f"[[play={name}]]", render=True)
            frames = await socket.until_end(accepted["run_id"])
        async with alice_client.rest() as rest:
            found = await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")
        kept = found.json()["results"][1]
        if name in played.WELL:
            assert frames[-1]["status"] == "complete", frames[-1]
            assert kept["text"] == "Hello world"
        else:
            assert frames[-1]["error"]["code"] == played.ILL[name][1]
            assert frames[-1]["error"]["retryable"]
        if name == "think_closed_only":
            assert kept["reasoning"] == "Hm, so.\n"
            assert any((frame.get("event") or {"data": {}})["data"].get("metadata") for frame in frames)


def test_text_without_a_shape_is_blank() -> None:
    assert all(map(texts.is_blank, ("", " \n\t", "\u200b\ufeff", "\u3164", "\u202e\u00a0")))
    assert not any(map(texts.is_blank, ("a", "0", "。", "👩‍👩‍👧", "\u200b.")))
