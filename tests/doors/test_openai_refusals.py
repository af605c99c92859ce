"""Refusals and failures over `/v1`, as OpenAI's own client reads them, also for strangers and revoked tokens."""

import asyncio
import json
from typing import Any

import httpx
import openai
import pytest
from asgiref.sync import sync_to_async
from uuid_utils.compat import uuid7

from accounts.identity import tokens
from accounts.models import Budget, User
from chat.models import Run
from chat.runs import asking as asking_runs
from tests.client import Client
from tests.doors.openai_client import SCOPES, all_sent_for, asking, client_of, until, with_key
from tests.stack import KEY, Galaxy


def nested(depth: int) -> Any:
    """Lists in one another."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def doubled(times: int) -> dict[str, Any]:
    """Definitions that each refer twice to the next one."""
    names = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(times)}
    return {"type": "object", "properties": {"x": {"$ref": "#/$defs/a0"}}, "$defs": names}


def circle(count: int) -> dict[str, Any]:
    """Definitions that each refer to all."""
    every = {"anyOf": [{"$ref": f"#/$defs/a{n}"} for n in range(count)]}
    return {"type": "object", "properties": {"x": every}, "$defs": {f"a{n}": every for n in range(count)}}


async def refusal(client: openai.AsyncOpenAI, text: str = "Hi", **more: Any) -> openai.APIStatusError:
    """Return the error that a question gets."""
    with pytest.raises(openai.APIStatusError) as error:
        await client.chat.completions.create(**{"model": "Stand-in", "messages": asking(text)} | more)
    assert KEY not in error.value.message
    assert "Traceback" not in error.value.message
    assert set(error.value.response.json()["error"]) == {"message", "type", "param", "code"}
    return error.value


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"temperature": 3}, "temperature"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "clown", "content": "Hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0].type"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"response_format": {"type": "poem"}}, "response_format"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"tools": [{"type": "function", "function": {"name": "with space"}}]}, "tools[0].function.name"),
        ({"tools": [{"type": "function", "function": {"name": "f", "description": "x" * 2**20}}]}, "tools"),
        ({"messages": [{"role": "user", "content": "Hi"}] * 20_001}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}] * 20_000}]}, "messages"),
        ({"extra_body": {"metadata": nested(101)}}, None),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": doubled(60)}}]}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": circle(12)}}]}, "tools"),
    ],
)  # fmt: skip
async def test_what_is_not_understood_is_named(galaxy: Galaxy, alice: User, more: dict[str, Any], param: str | None) -> None:
    async with await client_of(galaxy, alice) as client:
        error = await refusal(client, **more)
    assert (error.status_code, error.type) == (400, "invalid_request_error")
    assert error.param == param


@pytest.mark.parametrize("url", ["https://example.org/cat.png", "data:image/png;base64,???", "data:text/plain;base64,YQ=="])
async def test_an_image_that_cannot_be_read_is_refused(galaxy: Galaxy, alice: User, url: str) -> None:
    content = [{"type": "image_url", "image_url": {"url": url}}]
    async with await client_of(galaxy, alice) as client:
        error = await refusal(client, messages=[{"role": "user", "content": content}])
    assert (error.status_code, error.param) == (400, "messages[0].content[0].image_url.url")


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("429", openai.RateLimitError, "rate_limit_exceeded"),
        ("400", openai.BadRequestError, "model_refused"),
        ("401", openai.InternalServerError, "model_unauthorised"),
        ("500", openai.InternalServerError, "model_overloaded"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_providers_failure_has_its_status_before_the_first_word(
    galaxy: Galaxy, alice: User, fault: str, kind: type[openai.APIStatusError], code: str, *, stream: bool
) -> None:
    async with await client_of(galaxy, alice) as client:
        error = await refusal(client, f"[[fault={fault} retry_after=30]]", stream=stream)
    assert isinstance(error, kind)
    assert error.code == code
    if fault == "429":
        assert error.response.headers["Retry-After"] == "30"


@pytest.mark.parametrize("fault", ["cut@5", "error@5"])
async def test_a_failure_in_the_middle_ends_the_stream_with_an_error(galaxy: Galaxy, alice: User, fault: str) -> None:
    async with await client_of(galaxy, alice) as client:
        stream = await client.chat.completions.create(
            model="Stand-in", messages=asking(f"[[tokens=40 rate=50 fault={fault}]]"), stream=True
        )
        with pytest.raises(openai.APIError) as error:
            async for _ in stream:
                pass
    assert not isinstance(error.value, openai.APIStatusError)
    assert str(error.value.code).startswith("model_")


async def test_a_stranger_sees_no_model_and_a_wrong_key_nothing(galaxy: Galaxy, alice: User, charlie: User) -> None:
    async with await client_of(galaxy, charlie) as client:
        assert (await refusal(client, model="Somebody else's")).code == "model_not_found"
    async with await client_of(galaxy, alice, "chat:read") as client:
        assert [model.id async for model in client.models.list()]
        assert (await refusal(client)).status_code == 403
    async with with_key(galaxy, "sk-wrong") as client:
        assert (await refusal(client)).code == "invalid_api_key"
        with pytest.raises(openai.AuthenticationError):
            await client.models.list()


async def test_when_the_client_goes_the_answer_stops(galaxy: Galaxy, alice: User, providers: httpx.AsyncClient) -> None:
    async with await client_of(galaxy, alice) as client:
        question = "Gone streaming [[tokens=4000 rate=20]]"
        stream = await client.chat.completions.create(model="Stand-in", messages=asking(question), stream=True)
        await anext(stream)
        await stream.close()
        await until(lambda: _closed(providers, "Gone streaming"))
        whole = asyncio.ensure_future(
            client.chat.completions.create(model="Stand-in", messages=asking("Gone waiting [[tokens=4000 rate=20]]"))
        )
        await until(lambda: all_sent_for(providers, "Gone waiting"))
        whole.cancel()
        await until(lambda: _closed(providers, "Gone waiting"))
    stopped = Run.objects.filter(person=alice, status=Run.Status.STOPPED)
    assert await until(lambda: _both(stopped))


async def test_an_answer_that_is_gone_need_not_be_stopped(galaxy: Galaxy) -> None:
    await asking_runs.withdraw(uuid7())


async def _closed(providers: httpx.AsyncClient, mark: str) -> bool:
    return any(call["outcome"] == "client_closed" for call in await all_sent_for(providers, mark))


async def _both(rows: Any) -> bool:
    return bool(await rows.acount() == 2)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_revoked_token_loses_its_answer_at_once(galaxy: Galaxy, alice: User, *, stream: bool) -> None:
    token, text = await sync_to_async(tokens.issue)(alice, "program", list(SCOPES), None)
    async with with_key(galaxy, text) as client:
        question = {"model": "Stand-in", "messages": asking("[[tokens=4000 rate=20]]"), "stream": stream}
        answering = asyncio.ensure_future(_whole(client, question))
        await until(lambda: Run.objects.filter(person=alice, status=Run.Status.RUNNING).afirst())
        await sync_to_async(tokens.revoke)(alice, token.pk)
        with pytest.raises(openai.APIError) as error:
            async with asyncio.timeout(20):
                await answering
        assert error.value.code == "invalid_api_key"
        assert (await refusal(client)).status_code == 401
    await until(lambda: Run.objects.filter(person=alice, status=Run.Status.STOPPED).afirst())


async def _whole(client: openai.AsyncOpenAI, question: dict[str, Any]) -> None:
    answer = await client.chat.completions.create(**question)
    if question["stream"]:
        async for _ in answer:
            pass


async def test_a_budget_that_is_used_up_refuses_and_says_when_it_begins_anew(galaxy: Galaxy, alice: User) -> None:
    await Budget.objects.acreate(tenant_id=alice.tenant_id, person=alice, measure="tokens", period="day", amount=10)
    async with await client_of(galaxy, alice) as client:
        error = await refusal(client)
    assert (error.status_code, error.code, error.type) == (429, "insufficient_quota", "insufficient_quota")
    assert int(error.response.headers["Retry-After"]) > 0


async def test_what_lies_outside_has_the_same_shape(galaxy: Galaxy, alice: User, alice_client: Client) -> None:
    async with await client_of(galaxy, alice) as client:
        with pytest.raises(openai.NotFoundError) as error:
            await client.images.generate(prompt="A cat", model="x")
        assert error.value.type == "invalid_request_error"
        large = await refusal(client, "x" * 21 * 2**20)
        assert (large.status_code, large.code) == (413, "request_too_large")
    del alice_client.headers["X-CSRFToken"]
    async with alice_client.rest() as rest:
        foreign = await rest.post("/v1/chat/completions", json={"model": "Stand-in", "messages": asking("Hi")})
        assert (foreign.status_code, foreign.json()["error"]["type"]) == (403, "permission_error")
        wrong = await rest.get("/v1/chat/completions")
        assert json.loads(wrong.content)["error"]["code"] == "method_not_allowed"
