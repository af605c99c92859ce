"""The tools of a chat: chosen with its first message, and locked by it."""

import json

import httpx

from accounts.models import Grant, User
from tests.client import Client
from tests.tools.following import told


async def called_by_model(providers: httpx.AsyncClient, mark: str) -> list[str]:
    """The names of the tools that the model was told of in the request with this mark."""
    calls = (await providers.get("/_calls")).json()["calls"]
    body = next(call["body"] for call in reversed(calls) if mark in str(call["body"]["messages"]))
    return [tool["function"]["name"] for tool in body.get("tools", [])]


async def test_a_model_is_told_of_what_was_chosen_and_the_choice_is_locked(
    alice_client: Client, providers: httpx.AsyncClient
) -> None:
    async with alice_client.rest() as rest:
        asked = {"text": "chosen-tools [[tokens=2]]", "tools": ["add", "roll"]}
        first = await rest.post("/api/runs", json=asked)
        assert first.status_code == 201
        talk = first.json()["conversation_id"]
        async with alice_client.socket() as socket:
            await socket.send("resume", {"run_id": first.json()["run_id"], "after": 0})
            await socket.until_end(first.json()["run_id"])
        assert await called_by_model(providers, "chosen-tools") == ["add", "roll"]
        changed = await rest.post("/api/runs", json={"text": "[[tokens=2]]", "conversation_id": talk, "tools": ["add"]})
        assert (changed.status_code, changed.json()["error"]["code"]) == (409, "tools_locked")
        same = await rest.post("/api/runs", json={"text": "[[tokens=2]]", "conversation_id": talk, "tools": ["roll", "add"]})
        assert same.status_code == 201


async def test_without_a_choice_all_tools_that_one_may_use_and_with_an_empty_one_none(
    alice: User, alice_client: Client, providers: httpx.AsyncClient
) -> None:
    await Grant.objects.acreate(tenant=alice.tenant, person=alice, effect="deny", action="use", kind="tool", target="unlock")
    async with alice_client.socket() as socket:
        accepted = await socket.ask("all-of-them [[tokens=2]]")
        await socket.until_end(accepted["run_id"])
        accepted = await socket.ask("none-of-them [[tokens=2]]", tools=[])
        await socket.until_end(accepted["run_id"])
    told = await called_by_model(providers, "all-of-them")
    assert {"add", "book"} <= set(told)
    assert "unlock" not in told
    assert await called_by_model(providers, "none-of-them") == []


async def test_a_batch_and_the_finder_keep_to_the_choice(alice_client: Client) -> None:
    batch = {"wanted": [{"tool": "add", "arguments": {"a": 1, "b": 2}}, {"tool": "roll", "arguments": {}}]}
    for chosen, name, arguments in (
        (["batch_execute", "roll"], "batch_execute", batch),
        (["search_tools", "roll"], "search_tools", {"query": "add"}),
    ):
        async with alice_client.socket() as socket:
            written = json.dumps(arguments).replace('"', '\\"')
            accepted = await socket.ask(f'[[tool={name} arguments="{written}" text=Done.]]', tools=chosen)
            frames = await socket.until_end(accepted["run_id"])
        text = told(frames, "tool_execution")[-1]["metadata"]["text"]
        assert '"total"' not in text
        assert "Add two" not in text
        assert name == "search_tools" or "This chat was begun without this tool." in text


async def test_a_tool_that_one_may_not_use_cannot_be_chosen(alice: User, alice_client: Client) -> None:
    await Grant.objects.acreate(tenant=alice.tenant, person=alice, effect="deny", action="use", kind="tool", target="add")
    async with alice_client.rest() as rest:
        refused = await rest.post("/api/runs", json={"text": "Hello", "tools": ["add"]})
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "There is no tool called 'add'.")
