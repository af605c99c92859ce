"""A tool that one may not use, however that came about, at every door that lists or calls tools: it does not exist there."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import Grant, Group, Membership, User
from tests.client import Client
from tests.tools.following import told
from tests.tools.test_choice import called_by_model
from tools.models import ToolSetting

TOOL, TITLE, NEVER = "unlock", "Unlock the door", "nothing"
ARGUMENTS = {"door": "front"}
Reader = Callable[[Client, httpx.AsyncClient], Awaitable[str]]
Caller = Callable[[Client, str], Awaitable[tuple[Any, str]]]


async def _rest(client: Client, method: str, path: str, **sent: Any) -> httpx.Response:
    async with client.rest() as rest:
        return await rest.request(method, path, **sent)


async def listed_by_rest(client: Client, _: httpx.AsyncClient) -> str:
    return (await _rest(client, "GET", "/api/tools")).text


async def listed_plainly(client: Client, _: httpx.AsyncClient) -> str:
    return (await _rest(client, "POST", "/tools/list", json={})).text


async def listed_line_by_line(client: Client, _: httpx.AsyncClient) -> str:
    return (await _rest(client, "POST", "/tools/list", json={}, headers={"Accept": "application/x-ndjson"})).text


async def on_the_page_of_tools(client: Client, _: httpx.AsyncClient) -> str:
    return (await _rest(client, "GET", "/tools")).text


async def beside_the_composer(client: Client, _: httpx.AsyncClient) -> str:
    return (await _rest(client, "GET", "/")).text


async def told_to_a_model(client: Client, providers: httpx.AsyncClient) -> str:
    mark = f"who-{id(client)}"
    async with client.socket() as socket:
        accepted = await socket.ask(f"{mark} [[tokens=2]]")
        await socket.until_end(accepted["run_id"])
    return " ".join(await called_by_model(providers, mark))


async def found_by_search(client: Client, _: httpx.AsyncClient) -> str:
    search = {"name": "search_tools", "arguments": {"query": "unlock a door"}}
    return (await _rest(client, "POST", "/tools/call", json=search)).text


LISTS: list[Reader] = [
    listed_by_rest, listed_plainly, listed_line_by_line, on_the_page_of_tools, beside_the_composer, told_to_a_model,
    found_by_search,
]  # fmt: skip


async def called_by_rest(client: Client, tool: str) -> tuple[Any, str]:
    answer = await _rest(client, "POST", "/api/tool-calls", json={"tool": tool, "arguments": ARGUMENTS})
    return answer.status_code, answer.text


async def called_plainly(client: Client, tool: str) -> tuple[Any, str]:
    answer = await _rest(client, "POST", "/tools/call", json={"name": tool, "arguments": ARGUMENTS})
    return answer.status_code, answer.text


async def opened(client: Client, tool: str) -> tuple[Any, str]:
    answer = await _rest(client, "GET", f"/tools/{tool}")
    return answer.status_code, ""  # a page says more than the tool


async def chosen_for_a_chat(client: Client, tool: str) -> tuple[Any, str]:
    answer = await _rest(client, "POST", "/api/runs", json={"text": "[[tokens=2]]", "tools": [tool]})
    return answer.status_code, answer.text if answer.is_error else ""


async def called_in_a_batch(client: Client, tool: str) -> tuple[Any, str]:
    wanted = {"wanted": [{"tool": tool, "arguments": ARGUMENTS}]}
    answer = await _rest(client, "POST", "/tools/call", json={"name": "batch_execute", "arguments": wanted})
    return answer.status_code, json.dumps(answer.json()["structuredContent"])


async def called_by_a_model(client: Client, tool: str) -> tuple[Any, str]:
    arguments = json.dumps(json.dumps(ARGUMENTS))
    async with client.socket() as socket:
        run_id = (await socket.ask(f"[[tool={tool} arguments={arguments} text=Done.]]"))["run_id"]
        frames: list[dict[str, Any]] = []
        while not frames or frames[-1]["status"] not in ("approval", "complete", "error"):
            frame = await socket.receive()
            if frame.get("run_id") == run_id:
                frames.append(frame)
    return frames[-1]["status"], " ".join(event["metadata"].get("text", "") for event in told(frames, "tool_execution")[-1:])


CALLS: list[Caller] = [
    called_by_rest, called_plainly, opened, chosen_for_a_chat, called_in_a_batch, called_by_a_model,
]  # fmt: skip


def denied(person: User) -> None:
    Grant.objects.create(tenant=person.tenant, person=person, effect="deny", action="use", kind="tool", target=TOOL)


def denied_to_a_group(person: User) -> None:
    group = Group.objects.create(tenant=person.tenant, name="Guests")
    Membership.objects.create(group=group, person=person)
    Grant.objects.create(tenant=person.tenant, group=group, effect="deny", action="use", kind="tool", target=TOOL)


def denied_to_everyone(person: User) -> None:
    Grant.objects.create(tenant=person.tenant, effect="deny", action="use", kind="tool", target=TOOL)


def switched_off(person: User) -> None:
    ToolSetting.objects.create(tenant=person.tenant, tool=TOOL, is_on=False)


def granted_no_more(person: User) -> None:
    grants = Grant.objects.filter(tenant=person.tenant, kind="tool")
    grants.delete()
    for name in ("search_tools", "batch_execute", "add"):
        Grant.objects.create(tenant=person.tenant, action="use", kind="tool", target=name)
    past = timezone.now() - timedelta(seconds=1)
    Grant.objects.create(tenant=person.tenant, person=person, action="use", kind="tool", target=TOOL, expires_at=past)


WAYS = [denied, denied_to_a_group, denied_to_everyone, switched_off, granted_no_more]


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_in_no_list_and_still_in_those_of_another_tenant(
    alice: User, alice_client: Client, charlie_client: Client, providers: httpx.AsyncClient, way: Callable[[User], None]
) -> None:
    await sync_to_async(way)(alice)
    for read in LISTS:
        assert names_it(await read(charlie_client, providers)), read.__name__
        assert not names_it(await read(alice_client, providers)), read.__name__


@pytest.mark.parametrize("way", WAYS)
async def test_calling_it_is_answered_as_if_there_was_none(
    alice: User, alice_client: Client, charlie_client: Client, way: Callable[[User], None]
) -> None:
    await sync_to_async(way)(alice)
    for call in CALLS:
        status, words = await call(alice_client, TOOL)
        assert (status, words.replace(TOOL, NEVER)) == await call(alice_client, NEVER), call.__name__
        assert (status, words) != await call(charlie_client, TOOL), call.__name__


def names_it(text: str) -> bool:
    return TOOL in text or TITLE in text
