"""Processes die or stop while a long tool runs: its result comes back into the answer, and no effect happens twice."""

import asyncio
import signal
from typing import Any

import pytest

from tests.client import Client, Frame, numbers
from tests.stack import Galaxy
from tests.tools.conftest import effects
from tests.tools.following import told, until_asked
from tests.tools.stand_in.tools import DUG
from tests.tools.test_long import latest, script, until_progress, until_state

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("long-kills")]


async def begun(client: Client, tool: str, **arguments: object) -> tuple[str, str]:
    """The run and the call of an answer whose tool has begun to work, allowed where it asks."""
    async with client.socket() as socket:
        run_id = (await socket.ask(script(tool, **arguments)))["run_id"]
        if tool == "print_pages":
            call_id = (await until_asked(socket, run_id))[-1]["call_id"]
            await socket.send("approve", {"call_id": call_id, "decision": "once"})
        shown = await until_progress(socket, run_id)
    return run_id, str(shown["metadata"]["call_id"])


def outcome(frames: list[Frame]) -> dict[str, Any]:
    """The last state shown of the answer's call; the answer must have every number and one end."""
    assert numbers(frames) == list(range(1, len(frames) + 1))
    assert frames[-1]["status"] == "complete", frames[-1]
    return dict(told(frames, "tool_execution")[-1]["metadata"])


@pytest.mark.parametrize(("killed", "stopped"), [("web", "runner"), ("runner", "web")])
async def test_an_answer_gets_its_result_though_the_processes_that_waited_are_gone(
    tool_galaxy: Galaxy, owner: Client, killed: str, stopped: str
) -> None:
    run_id, call_id = await begun(owner, "print_pages", pages=2, seconds=8)
    tool_galaxy.kill(killed)
    tool_galaxy.kill(stopped, signal.SIGTERM)
    for part in (killed, stopped):
        await tool_galaxy.until_ready(part)
    shown = outcome(await owner.insist(run_id, seconds=120))
    assert (shown["state"], '{"total":2}' in shown["text"]) == ("succeeded", True)
    assert effects(tool_galaxy, call_id) == 1


async def test_a_call_that_ends_while_no_runner_is_there_is_not_lost(tool_galaxy: Galaxy, owner: Client) -> None:
    run_id, call_id = await begun(owner, "print_pages", pages=2, seconds=1)
    tool_galaxy.kill("runner", signal.SIGSTOP)
    await until_state(owner, call_id, "succeeded")
    tool_galaxy.kill("runner", signal.SIGKILL)
    await tool_galaxy.until_ready("runner")
    assert outcome(await owner.insist(run_id, seconds=120))["state"] == "succeeded"
    assert effects(tool_galaxy, call_id) == 1


async def test_an_answer_whose_runner_is_gone_can_be_stopped_with_its_tool(tool_galaxy: Galaxy, owner: Client) -> None:
    run_id, call_id = await begun(owner, "dig", seconds=600)
    tool_galaxy.kill("runner")
    async with owner.rest() as rest:
        assert (await rest.post(f"/api/runs/{run_id}/stop")).status_code == 200
    frames = await owner.insist(run_id, seconds=120)
    assert (frames[-1]["status"], frames[-1]["finish_reason"]) == ("complete", "stopped")
    await until_state(owner, call_id, "cancelled")
    await tool_galaxy.until_ready("runner")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_tool_that_only_reads_is_run_again_by_another_worker(
    tool_galaxy: Galaxy, owner: Client, number: signal.Signals
) -> None:
    run_id, call_id = await begun(owner, "dig", seconds=3)
    tool_galaxy.kill("worker", number)
    await tool_galaxy.until_ready("worker")
    assert outcome(await owner.insist(run_id, seconds=120))["state"] == "succeeded"
    assert effects(tool_galaxy, call_id, file=DUG) == 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_tool_that_changes_something_is_unknown_when_its_worker_is_gone(
    tool_galaxy: Galaxy, owner: Client, number: signal.Signals
) -> None:
    run_id, call_id = await begun(owner, "print_pages", pages=2, seconds=600)
    tool_galaxy.kill("worker", number)
    await tool_galaxy.until_ready("worker")
    shown = outcome(await owner.insist(run_id, seconds=120))
    assert (shown["state"], "not known" in shown["text"]) == ("unknown", True)
    assert effects(tool_galaxy, call_id) == 1


async def test_a_stopping_worker_lets_a_tool_end_that_must_not_run_twice(tool_galaxy: Galaxy, owner: Client) -> None:
    run_id, call_id = await begun(owner, "print_pages", pages=2, seconds=2)
    tool_galaxy.kill("worker", signal.SIGTERM)
    await tool_galaxy.until_ready("worker")
    assert outcome(await owner.insist(run_id, seconds=120))["state"] == "succeeded"
    assert effects(tool_galaxy, call_id) == 1


async def test_a_worker_that_only_seemed_lost_changes_nothing_any_more(tool_galaxy: Galaxy, owner: Client) -> None:
    run_id, call_id = await begun(owner, "print_pages", pages=2, seconds=30)
    tool_galaxy.kill("worker", signal.SIGSTOP)
    try:
        shown = outcome(await owner.insist(run_id, seconds=120))
    finally:
        tool_galaxy.kill("worker", signal.SIGCONT)
    assert shown["state"] == "unknown"
    assert effects(tool_galaxy, call_id) == 1


@pytest.mark.parametrize("part", ["redis", "postgres"])
async def test_a_store_that_restarts_meanwhile_ends_no_tool(tool_galaxy: Galaxy, owner: Client, part: str) -> None:
    run_id, call_id = await begun(owner, "print_pages", pages=2, seconds=5)
    tool_galaxy.kill(part)
    await tool_galaxy.until_ready(part)
    assert outcome(await owner.insist(run_id, seconds=120))["state"] == "succeeded"
    assert effects(tool_galaxy, call_id) == 1


async def test_everything_dies_and_the_answer_ends(tool_galaxy: Galaxy, owner: Client) -> None:
    run_id, call_id = await begun(owner, "dig", seconds=3)
    for part in ("worker", "runner", "web", "redis"):
        tool_galaxy.kill(part)
    for part in ("redis", "worker", "runner", "web"):
        await tool_galaxy.until_ready(part)
    assert outcome(await owner.insist(run_id, seconds=180))["state"] == "succeeded"
    assert effects(tool_galaxy, call_id, file=DUG) == 2


DENY = """
from accounts.models import Grant
from tools.models import ToolCall
person = ToolCall.objects.filter(tool="dig").latest("created_at").person
Grant.objects.create(tenant=person.tenant, person=person, effect="deny", action="use", kind="tool", target="dig")"""
ALLOW = """
from accounts.models import Grant
Grant.objects.filter(effect="deny", target="dig").delete()"""


ISSUE = """
from accounts.people import directory
from accounts.identity import tokens
print(tokens.issue(directory.owner(), "digger", ["tools:call"], None)[1])"""
REVOKE = """
from django.utils import timezone
from accounts.models import AccessToken
AccessToken.objects.filter(name="digger").update(revoked_at=timezone.now())"""


async def test_a_token_that_is_revoked_meanwhile_runs_nothing(tool_galaxy: Galaxy, owner: Client) -> None:
    token = (await asyncio.to_thread(tool_galaxy.manage, "shell", "-c", ISSUE)).split()[-1]
    body = {"name": "dig", "arguments": {"seconds": 0.5}}
    tool_galaxy.kill("worker", signal.SIGSTOP)
    try:
        async with Client.with_token(tool_galaxy.base_url, token).rest() as program:
            waiting = asyncio.create_task(program.post("/tools/call", json=body, timeout=90))
            call_id = await latest(owner, "dig", "queued")
            await asyncio.to_thread(tool_galaxy.manage, "shell", "-c", REVOKE)
            tool_galaxy.kill("worker", signal.SIGCONT)
            answer = (await waiting).json()
    finally:
        tool_galaxy.kill("worker", signal.SIGCONT)
    assert (answer["isError"], "was revoked" in answer["content"][0]["text"]) == (True, True)
    assert effects(tool_galaxy, call_id, file=DUG) == 0


async def test_the_right_is_asked_again_when_a_worker_takes_the_call(tool_galaxy: Galaxy, owner: Client) -> None:
    body = {"tool": "dig", "arguments": {"seconds": 0.5}}
    tool_galaxy.kill("worker", signal.SIGSTOP)
    try:
        async with owner.rest() as rest:
            waiting = asyncio.create_task(rest.post("/api/tool-calls", json=body, timeout=90))
            call_id = await latest(owner, "dig", "queued")
            await asyncio.to_thread(tool_galaxy.manage, "shell", "-c", DENY)
            tool_galaxy.kill("worker", signal.SIGCONT)
            call = (await waiting).json()
    finally:
        await asyncio.to_thread(tool_galaxy.manage, "shell", "-c", ALLOW)
    assert (call["id"], call["state"], call["error"]) == (call_id, "failed", "unknown_tool")
    assert effects(tool_galaxy, call_id, file=DUG) == 0
