"""The context of models: read from servers' real replies, put together with the table, served by REST, used by answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from asgiref.sync import sync_to_async

from accounts.models import Grant, User
from chat.catalogue import contexts
from chat.models import ModelAlias, ProviderModel
from chat.pages import card
from chat.prompts import context
from chat.providers import sessions
from chat.providers.base import ModelConfig, Turn
from chat.providers.known import documents, server_facts
from chat.providers.reading.chunks import NotJSONError
from tests.chat.test_set_up_models import answer, set_up, until
from tests.client import Client, text_of
from tests.stack import Galaxy

LLAMACPP: dict[str, Any] = {
    "GET /props": {
        "default_generation_settings": {"n_ctx": 2048, "params": {"temperature": 0.8, "top_k": 40, "samplers": ["top_k"]}},
        "total_slots": 2,
        "modalities": {"vision": False, "audio": False},
        "chat_template_caps": {"supports_tools": True},
    },
    "GET /v1/models": {
        "object": "list",
        "data": [{"id": "small.gguf", "meta": {"n_vocab": 49152, "n_ctx_train": 8192, "n_params": 134515008}}],
    },
}
OLLAMA: dict[str, Any] = {
    "POST /api/show": {
        "parameters": 'num_ctx                        8192\nstop                           "<|eot_id|>"\ntemperature      0.6',
        "details": {"family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4_K_M"},
        "model_info": {"general.architecture": "llama", "llama.vocab_size": 128256, "tokenizer.ggml.model": "gpt2"},
        "capabilities": ["completion", "tools", "vision"],
    },
    "GET /api/ps": {"models": [{"name": "llama3.2:latest", "context_length": 4096}]},
}
LM_STUDIO = {
    "GET /api/v0/models": {
        "data": [{"id": "qwen", "type": "vlm", "arch": "qwen2", "quantization": "4bit", "loaded_context_length": 16384}]
    }
}
VLLM = {"GET /v1/models": {"data": [{"id": "m", "max_model_len": 32768}]}}
ROUTER: dict[str, Any] = {
    "GET /v1/models": {
        "data": [
            {
                "id": "m",
                "context_length": 200_000,
                "architecture": {"input_modalities": ["text", "image"], "tokenizer": "Claude"},
                "top_provider": {"max_completion_tokens": 8192},
                "supported_parameters": ["tools", "reasoning"],
            }
        ]
    }
}
ODD: dict[str, Any] = {"GET /v1/models": {"data": [{"id": "m", "max_model_len": "many", "architecture": []}, 7, None]}}


@pytest.fixture
async def serve() -> AsyncIterator[Any]:
    """Start a server that answers these paths with these documents."""
    runners: list[web.AppRunner] = []

    async def start(answers: dict[str, Any]) -> str:
        async def reply(request: web.Request) -> web.Response:
            found = answers.get(f"{request.method} {request.path}")
            return web.json_response(found) if found is not None else web.Response(status=404)

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", reply)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    await sessions.close()
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("provider", "model", "answers", "expected"),
    [
        (
            "llamacpp", "any", LLAMACPP,
            {"context_window": 2048, "tools": True, "images": False, "parameter_count": "135M", "vocabulary": 49152, "slots": 2,
             "defaults": {"temperature": 0.8, "top_k": 40.0}},
        ),
        (
            "ollama", "llama3.2:latest", OLLAMA,
            {"context_window": 4096, "images": True, "tools": True, "reasoning": False, "family": "llama",
             "quantization": "Q4_K_M", "parameter_count": "3.2B", "tokenizer": "gpt2", "vocabulary": 128256,
             "defaults": {"temperature": 0.6}},
        ),
        ("ollama", "another", OLLAMA, {"context_window": 8192}),
        ("lm_studio", "qwen", LM_STUDIO, {"context_window": 16384, "images": True, "family": "qwen2", "quantization": "4bit"}),
        ("vllm", "m", VLLM, {"context_window": 32768}),
        (
            "openrouter", "m", ROUTER,
            {"context_window": 200_000, "max_output": 8192, "images": True, "tools": True, "reasoning": True,
             "tokenizer": "Claude"},
        ),
        ("ollama", "m", {"POST /api/show": [], "GET /api/ps": {"models": [{"name": ["m"], "model": {}}]}}, {"family": None}),
        ("openai_compatible", "m", ODD, {"context_window": None, "images": None}),
        ("vllm", "m", {}, {"context_window": None}),
    ],
)  # fmt: skip
async def test_each_kind_of_server_tells_in_its_own_way(
    serve: Any, provider: str, model: str, answers: dict[str, Any], expected: dict[str, Any]
) -> None:
    address = await serve(answers)
    facts = await server_facts.ask(ModelConfig("Ours", provider, model, f"{address}/v1"))
    assert {name: getattr(facts, name) for name in expected} == expected


async def test_a_server_that_tells_without_end_is_not_heard_out(serve: Any) -> None:
    address = await serve({"GET /v1/models": {"data": [{"id": "m", "told": "x" * documents.MOST_BYTES}]}})
    with pytest.raises(NotJSONError):
        await server_facts.ask(ModelConfig("Ours", "vllm", "m", f"{address}/v1"))


async def context_of(client: Client, name: str) -> httpx.Response:
    async with client.rest() as rest:
        return await rest.get(f"/api/models/{name}/context")


async def test_a_models_context_is_read_by_who_may_ask_it_and_by_no_stranger(
    galaxy: Galaxy, serve: Any, alice: User, alice_client: Client, bob: User, bob_client: Client, charlie_client: Client
) -> None:
    address = await serve(LLAMACPP)
    row = await sync_to_async(set_up)(galaxy, alice, model="Our own/small", kind="llamacpp", base_url=f"{address}/v1")
    await until(alice_client, "Our own/small")
    async with asyncio.timeout(40):  # a runner asks the server
        while not (told := (await context_of(alice_client, "Our own/small")).json())["capabilities"]["context_window"]:
            await asyncio.sleep(0.1)
    assert told["capabilities"]["context_window"] == 2048
    assert told["sources"]["capabilities.context_window"] == "server"
    assert (told["runtime"]["place"], told["runtime"]["server"], told["runtime"]["slots"]) == ("this machine", "llama.cpp", 2)
    assert told["identification"]["parameter_count"] == "135M"
    await ProviderModel.objects.filter(pk=row.pk).aupdate(context_window=1024)
    async with asyncio.timeout(20):
        while (told := (await context_of(alice_client, "Our own/small")).json())["capabilities"]["context_window"] != 1024:
            await asyncio.sleep(0.1)
    assert told["sources"]["capabilities.context_window"] == "operator"
    assert (await context_of(charlie_client, "Our own/small")).status_code == httpx.codes.NOT_FOUND
    await Grant.objects.acreate(
        tenant=alice.tenant, person=bob, effect="deny", kind="model", action="use", target="Our own/small"
    )
    assert (await context_of(bob_client, "Our own/small")).status_code == httpx.codes.NOT_FOUND


async def test_what_no_server_tells_stands_in_the_table_and_the_picker_shows_it(alice: User, alice_client: Client) -> None:
    told = (await context_of(alice_client, "Stand-in priced")).json()
    assert told["capabilities"]["context_window"] == 128_000
    assert (told["capabilities"]["images"], told["capabilities"]["tools"]) == (True, "native")
    assert (told["runtime"]["prompt_price"], told["runtime"]["answer_price"]) == (0.15, 0.6)
    assert told["sources"]["runtime.prompt_price"] == "table"
    async with alice_client.rest() as rest:
        page = (await rest.get("/")).text
    assert "128k tokens · images · tools · $0.15 / $0.6" in page


async def test_an_alias_can_do_what_all_behind_it_can(galaxy: Galaxy, alice: User, alice_client: Client) -> None:
    def prepare() -> None:
        alias = ModelAlias.objects.create(tenant=alice.tenant, name="House")
        for position, member in enumerate(("Stand-in priced", "Stand-in")):
            alias.members.create(model=member, position=position)

    await sync_to_async(prepare)()
    await until(alice_client, "House")
    told = (await context_of(alice_client, "House")).json()
    assert told["identification"]["members"] == ["Stand-in priced", "Stand-in"]
    assert (told["capabilities"]["context_window"], told["capabilities"]["images"]) == (128_000, None)
    assert told["runtime"]["prompt_price"] == 0.15


async def test_a_chat_longer_than_the_window_goes_on_without_its_oldest_messages(
    galaxy: Galaxy, alice: User, alice_client: Client, providers: httpx.AsyncClient
) -> None:
    row = await sync_to_async(set_up)(galaxy, alice, model="Narrow")
    await ProviderModel.objects.filter(pk=row.pk).aupdate(context_window=32_000)
    await until(alice_client, "Narrow")
    long = "word " * 8_000
    first = await answer(alice_client, "Narrow", text=f"First {alice.pk} {long} [[tokens=2]]", tools=[])
    assert text_of(first)
    then = {"conversation_id": first[0]["conversation_id"]}
    await answer(alice_client, "Narrow", text=f"Second {long} [[tokens=2]]", **then)
    frames = await answer(alice_client, "Narrow", text=f"Third {alice.pk} {long} [[tokens=2]]", **then)
    assert text_of(frames)
    told = [frame["event"]["data"]["description"] for frame in frames if frame["status"] == "event"]
    assert "The chat is longer than Narrow can read: its 2 oldest messages were left out" in told
    calls = (await providers.get("/_calls")).json()["calls"]
    sent = next(call["body"]["messages"] for call in reversed(calls) if f"Third {alice.pk}" in str(call["body"]))
    assert [turn["role"] for turn in sent] == ["system", "user", "assistant", "user"]
    assert sent[1]["content"].startswith("Second")


async def test_an_answer_without_end_ends_at_the_models_window(galaxy: Galaxy, alice: User, alice_client: Client) -> None:
    row = await sync_to_async(set_up)(galaxy, alice, model="Endless")
    await ProviderModel.objects.filter(pk=row.pk).aupdate(context_window=400)
    await until(alice_client, "Endless")
    frames = await answer(alice_client, "Endless", text="[[tokens=100000 rate=2000 sample=sky]]", tools=[])
    failure = frames[-1]["error"]
    assert failure["code"] == "answer_too_long", failure
    assert "400 tokens" in failure["message"]


def test_the_last_question_and_what_was_begun_of_its_answer_are_never_left_out() -> None:
    rules, ask, say = Turn.said("system", "r"), Turn.said("user", "q" * 4000), Turn.said("assistant", "a" * 4000)
    turns = [rules, ask, say, ask, say, Turn.said("user", context.CONTINUE)]
    kept, left_out = context.fitted(turns, 500)
    assert (kept, left_out) == ([rules, ask, say, turns[-1]], 2)
    assert context.fitted(turns, None) == (turns, 0)
    assert context.fitted(turns, 100_000) == (turns, 0)


async def test_a_model_of_which_nothing_is_known_says_nothing_of_itself() -> None:
    known = await contexts.known([ModelConfig("Ours", "openai", "never-heard-of", "https://llm.example/v1", "k")])
    assert card.facts(known["Ours"]) == ""
    assert known["Ours"].runtime.place == "a provider"
