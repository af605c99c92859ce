"""Tools over `/v1`: the client's own come back to it, Galaxy's run on the server, with the rights of person and token."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam as Message

from accounts.models import User
from tests.doors.openai_client import asking, client_of, said, sent_for, until
from tests.stack import Galaxy
from tools.models import ToolCall

CITY = """tool=weather arguments='{"city": "Bern"}'"""
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather.",
        "strict": True,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
async def client(galaxy: Galaxy, alice: User) -> AsyncIterator[openai.AsyncOpenAI]:
    """OpenAI's client, with a token of alice's."""
    async with await client_of(galaxy, alice) as made:
        yield made


async def test_a_call_of_the_clients_tool_goes_to_the_client_and_its_result_back(
    client: openai.AsyncOpenAI, providers: httpx.AsyncClient
) -> None:
    messages: list[Any] = asking(f"Round trip [[{CITY} text='It is sunny']]")
    answer = await client.chat.completions.create(model="Stand-in", messages=messages, tools=[WEATHER], tool_choice="required")
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Bern"})
    sent = await sent_for(providers, "Round trip")
    assert sent["tools"] == [WEATHER]
    assert sent["tool_choice"] == "required"
    messages += [choice.message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 20 degrees"}]
    answer = await client.chat.completions.create(model="Stand-in", messages=messages, tools=[WEATHER])
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("It is sunny", "stop")
    *_, called, result = (await sent_for(providers, "Round trip"))["messages"]
    assert called["tool_calls"][0]["id"] == result["tool_call_id"]
    assert result["content"] == "Sunny, 20 degrees"


async def test_calls_come_in_a_stream(client: openai.AsyncOpenAI) -> None:
    question = """[[tool=weather&weather arguments='{"city": "Bern"}&&{"city": "Basel"}' tokens=3]]"""
    async with client.chat.completions.stream(model="Stand-in", messages=asking(question), tools=[WEATHER]) as stream:
        async for _ in stream:
            pass
        (choice,) = (await stream.get_final_completion()).choices
    assert choice.finish_reason == "tool_calls"
    calls = [json.loads(call.function.arguments) for call in choice.message.tool_calls or []]
    assert calls == [{"city": "Bern"}, {"city": "Basel"}]
    assert choice.message.content


async def test_a_tool_of_galaxy_runs_on_the_server(client: openai.AsyncOpenAI, alice: User) -> None:
    question = """Sum [[tool=add arguments='{"a": 2, "b": 40}' text='It is 42']]"""
    body = {"galaxy_tools": ["add"]}
    answer = await client.chat.completions.create(model="Stand-in", messages=asking(question), extra_body=body)
    (choice,) = answer.choices
    assert (choice.message.content, choice.finish_reason) == ("It is 42", "stop")
    assert choice.message.tool_calls is None
    row = await until(lambda: ToolCall.objects.filter(person=alice, tool="add").afirst())
    assert row.result
    assert (row.state, row.result["data"], row.via) == ("succeeded", {"total": 42}, "model")


async def test_tools_of_galaxy_are_told_to_the_model_only_when_asked_for(
    client: openai.AsyncOpenAI, providers: httpx.AsyncClient
) -> None:
    await client.chat.completions.create(model="Stand-in", messages=asking("Toolless [[tokens=1]]"))
    assert "tools" not in await sent_for(providers, "Toolless")
    body = {"galaxy_tools": "all"}
    await client.chat.completions.create(model="Stand-in", messages=asking("Toolful [[tokens=1]]"), extra_body=body)
    assert {"add", "basic_math"} <= {tool["function"]["name"] for tool in (await sent_for(providers, "Toolful"))["tools"]}


async def test_a_call_that_needs_an_approval_is_denied_at_once(
    client: openai.AsyncOpenAI, providers: httpx.AsyncClient, alice: User
) -> None:
    question = """Book it [[tool=book arguments='{"room": "Blue"}' text='I may not']]"""
    body = {"galaxy_tools": ["book"]}
    stream = await client.chat.completions.create(model="Stand-in", messages=asking(question), extra_body=body, stream=True)
    assert said([chunk async for chunk in stream]) == "I may not"
    result = (await sent_for(providers, "Book it"))["messages"][-1]
    assert (result["role"], "a person must allow this call" in result["content"]) == ("tool", True)
    assert (await ToolCall.objects.aget(person=alice, tool="book")).state == "denied"


async def test_in_one_step_with_galaxys_tools_the_clients_are_called_again(
    client: openai.AsyncOpenAI, providers: httpx.AsyncClient
) -> None:
    given = """'{"a": 1, "b": 2}&&{"city": "Bern"};;{"city": "Bern"}'"""
    question = f"Both [[tool=add&weather;weather arguments={given}]]"
    body = {"galaxy_tools": ["add"]}
    answer = await client.chat.completions.create(model="Stand-in", messages=asking(question), tools=[WEATHER], extra_body=body)
    (call,) = answer.choices[0].message.tool_calls or []
    assert (answer.choices[0].finish_reason, call.type) == ("tool_calls", "function")
    results = [turn["content"] for turn in (await sent_for(providers, "Both"))["messages"] if turn["role"] == "tool"]
    assert any("3" in result for result in results)
    assert any("cannot be called in one step" in result for result in results)


@pytest.mark.parametrize(
    ("scopes", "tools", "status", "word"),
    [
        (("chat:read", "chat:write"), ["add"], 403, "tools:call"),
        ((), ["no_such_tool"], 400, "no_such_tool"),
        ((), ["weather"], 400, "weather"),
    ],
)
async def test_a_tool_that_may_not_be_used_is_refused(
    galaxy: Galaxy, alice: User, scopes: tuple[str, ...], tools: list[str], status: int, word: str
) -> None:
    async with await client_of(galaxy, alice, *scopes) as client:
        with pytest.raises(openai.APIStatusError, match=word) as error:
            await client.chat.completions.create(
                model="Stand-in", messages=asking("Hi"), tools=[WEATHER], extra_body={"galaxy_tools": tools}
            )
    assert error.value.status_code == status


@pytest.mark.parametrize(
    "history",
    [
        [{"role": "tool", "tool_call_id": "x", "content": "y"}],
        [
            {
                "role": "assistant",
                "tool_calls": [{"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
            }
        ],
    ],
)
async def test_a_call_and_its_result_belong_together(client: openai.AsyncOpenAI, history: list[Message]) -> None:
    with pytest.raises(openai.BadRequestError, match="must"):
        await client.chat.completions.create(model="Stand-in", messages=[*history, *asking("Hi")], tools=[WEATHER])
