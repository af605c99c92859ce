"""Long tools: they run in the worker, tell how far they are, end when they are not wanted, and answer whoever waits."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from accounts.models import Budget, User
from tests.client import Client, Socket
from tests.stack import Galaxy
from tests.tools.conftest import effects
from tests.tools.following import states, told, until_asked
from tests.tools.stand_in.tools import DUG
from tools import calls
from tools.execution.lane import PLACES
from tools.execution.queueing import MOST_OWN
from tools.models import ToolCall

pytestmark = [pytest.mark.timeout(180)]


def script(tool: str, **arguments: object) -> str:
    """A question whose answer calls the tool."""
    escaped = json.dumps(arguments).replace('"', '\\"')
    return f'[[tool={tool} arguments="{escaped}" text=Done.]]'


async def until_progress(socket: Socket, run_id: str) -> dict[str, Any]:
    """Data of the first event of the run that tells how far a call is."""
    while True:
        frame = await socket.receive(60)
        assert frame["status"] not in ("error", "complete"), frame
        if frame.get("run_id") == run_id and (found := told([frame], "tool_execution")) and "progress" in found[0]:
            return found[0]


async def until_state(client: Client, call_id: str, *wanted: str) -> dict[str, Any]:
    """The call, when it has one of these states."""
    async with asyncio.timeout(60), client.rest() as rest:
        while True:
            answer = await rest.get(f"/api/tool-calls/{call_id}")
            if answer.status_code == httpx.codes.OK and answer.json()["state"] in wanted:
                return dict(answer.json())
            await asyncio.sleep(0.1)


async def latest(client: Client, tool: str, state: str) -> str:
    """The id of the person's latest call of the tool, when it is in this state."""
    async with asyncio.timeout(60), client.rest() as rest:
        while not (found := (await rest.get(f"/api/tool-calls?tool={tool}&state={state}")).json()["results"]):
            await asyncio.sleep(0.1)
    return str(found[0]["id"])


async def test_a_step_shows_how_far_a_long_tool_is_and_then_its_result(galaxy: Galaxy, alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask(script("dig", seconds=2))
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["status"] == "complete"
    shown = told(frames, "tool_execution")
    progress = [data["progress"] for data in shown if "progress" in data]
    assert len(progress) > 2
    assert progress == sorted(progress)
    assert any(data["description"].startswith("Metre ") for data in shown)
    assert shown[-1]["metadata"]["state"] == "succeeded"
    assert "Dug" in shown[-1]["metadata"]["text"]
    call = await ToolCall.objects.aget(pk=shown[-1]["metadata"]["call_id"])
    assert (call.is_long, call.tries, effects(galaxy, call.pk, file=DUG)) == (True, 1, 1)


async def test_a_long_tool_that_changes_something_waits_for_its_person_and_runs_once(
    galaxy: Galaxy, alice_client: Client
) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask(script("print_pages", pages=3, seconds=0.5))
        asked = (await until_asked(socket, accepted["run_id"]))[-1]
        assert effects(galaxy, asked["call_id"]) == 0
        await socket.send("approve", {"call_id": asked["call_id"], "decision": "once"})
        frames = await socket.until_end(accepted["run_id"])
    assert states(frames)[-1] == ("print_pages", "succeeded")
    assert '{"total":3}' in told(frames, "tool_execution")[-1]["metadata"]["text"]
    assert effects(galaxy, asked["call_id"]) == 1


async def test_stopping_the_answer_cancels_a_tool_that_only_reads(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask(script("dig", seconds=600))
        shown = await until_progress(socket, accepted["run_id"])
        await socket.send("stop", {"run_id": accepted["run_id"]})
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["finish_reason"] == "stopped"
    call = await until_state(alice_client, shown["metadata"]["call_id"], "cancelled")
    assert call["result"]["text"] == "This call was cancelled."
    async with alice_client.rest() as rest:
        goes_on = (await rest.post(f"/api/runs/{accepted['run_id']}/continue")).json()
    shown = told(await alice_client.insist(goes_on["run_id"]), "tool_execution")[-1]
    assert (shown["metadata"]["call_id"], shown["metadata"]["state"]) == (call["id"], "cancelled")


async def test_stopping_the_answer_leaves_unknown_what_may_have_changed_something(galaxy: Galaxy, alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask(script("print_pages", pages=3, seconds=600))
        asked = (await until_asked(socket, accepted["run_id"]))[-1]
        await socket.send("approve", {"call_id": asked["call_id"], "decision": "once"})
        await until_progress(socket, accepted["run_id"])
        await socket.send("stop", {"run_id": accepted["run_id"]})
        await socket.until_end(accepted["run_id"])
    call = await until_state(alice_client, asked["call_id"], "unknown")
    assert "not known" in call["result"]["text"]
    assert effects(galaxy, asked["call_id"]) == 1


async def test_plain_http_waits_or_tells_the_progress_line_by_line(alice_client: Client) -> None:
    body = {"name": "dig", "arguments": {"seconds": 1.5}}
    async with alice_client.rest() as rest:
        waited = (await rest.post("/tools/call", json=body)).json()
        assert (waited["isError"], waited["content"][0]["text"]) == (False, "Dug, at UTC")
        lines = await rest.post("/tools/call", json=body, headers={"Accept": "application/x-ndjson"})
        assert lines.headers["Content-Type"] == "application/x-ndjson"
        *progress, last = [json.loads(line) for line in lines.text.splitlines()]
        assert last == waited
        assert len(progress) > 2
        assert [line["progress"] for line in progress] == sorted(line["progress"] for line in progress)
        refused = await rest.post("/tools/call", json={"name": "dig"}, headers={"Accept": "application/x-ndjson"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_arguments")
        quick = {"name": "add", "arguments": {"a": 1, "b": 2}}
        (only,) = (await rest.post("/tools/call", json=quick, headers={"Accept": "application/x-ndjson"})).text.splitlines()
        assert json.loads(only)["structuredContent"] == {"total": 3}


async def test_a_call_goes_on_when_the_client_that_waited_is_gone(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        waiting = asyncio.create_task(rest.post("/api/tool-calls", json={"tool": "dig", "arguments": {"seconds": 3}}))
        call_id = await latest(alice_client, "dig", "running")
        waiting.cancel()
        await asyncio.wait([waiting])
    assert (await until_state(alice_client, call_id, "succeeded"))["result"]["text"] == "Dug, at UTC"


async def test_more_calls_than_there_are_places_all_come_to_their_end(alice_client: Client) -> None:
    body = {"tool": "dig", "arguments": {"seconds": 1}}
    async with alice_client.rest() as rest:
        made = await asyncio.gather(*(rest.post("/api/tool-calls", json=body, timeout=120) for _ in range(PLACES + 4)))
    assert {call.json()["state"] for call in made} == {"succeeded"}


async def test_no_one_fills_the_queue_for_all_others(alice: User, alice_client: Client, bob_client: Client) -> None:
    heard = timezone.now() + timedelta(hours=1)  # no one is to find that nothing is done about them
    row = {"tenant": alice.tenant, "person": alice, "via": "rest", "tool": "dig", "state": "running", "is_long": True}
    rows = [ToolCall(id=calls.new_id(), heard_at=heard, **row) for _ in range(MOST_OWN)]
    await ToolCall.objects.abulk_create(rows)
    body = {"tool": "dig", "arguments": {"seconds": 0.1}}
    async with alice_client.rest() as rest, bob_client.rest() as other:
        refused = await rest.post("/api/tool-calls", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_calls")
        assert (await other.post("/api/tool-calls", json=body, timeout=60)).json()["state"] == "succeeded"
        await ToolCall.objects.filter(pk=rows[0].pk).adelete()
        assert (await rest.post("/api/tool-calls", json=body, timeout=60)).json()["state"] == "succeeded"
    await ToolCall.objects.filter(pk__in=[one.pk for one in rows]).adelete()


async def test_only_its_person_sees_and_cancels_a_call(
    alice_client: Client, bob_client: Client, charlie_client: Client
) -> None:
    body = {"tool": "dig", "arguments": {"seconds": 600}}
    async with alice_client.rest() as rest:
        waiting = asyncio.create_task(rest.post("/api/tool-calls", json=body))
        call_id = await latest(alice_client, "dig", "running")
        for client in (bob_client, charlie_client):
            async with client.rest() as other:
                assert (await other.get("/api/tool-calls")).json()["results"] == []
                assert (await other.get(f"/api/tool-calls/{call_id}")).status_code == 404
                assert (await other.post(f"/api/tool-calls/{call_id}/cancel")).status_code == 404
        assert (await rest.post(f"/api/tool-calls/{call_id}/cancel")).status_code == 204
        assert (await waiting).json()["state"] == "cancelled"
        assert (await rest.post(f"/api/tool-calls/{call_id}/cancel")).status_code == 404


async def test_a_call_takes_its_share_of_a_budget_and_settles_it(alice: User, alice_client: Client) -> None:
    await Budget.objects.acreate(tenant=alice.tenant, about="tool", target="dig", measure="requests", period="day", amount=1)
    body = {"tool": "dig", "arguments": {"seconds": 0.1}}
    async with alice_client.rest() as rest:
        assert (await rest.post("/api/tool-calls", json=body)).json()["state"] == "succeeded"
        async with asyncio.timeout(30):
            while (refused := await rest.post("/api/tool-calls", json=body)).status_code != 429:
                assert refused.status_code == 201, refused.text
        used = (await rest.get("/api/limits")).json()
    assert refused.json()["error"]["code"] == "over_budget"
    assert [row["used"] for row in used if row.get("target") == "dig"] != [0]


async def test_the_page_says_that_a_call_goes_on_and_ends_it_for_its_person_alone(
    alice_client: Client, bob_client: Client, charlie_client: Client
) -> None:
    async with alice_client.rest() as rest:
        shown = (await rest.post("/tools/dig", data={"seconds": "600"})).text
        assert "It runs in the background" in shown
        call_id = await latest(alice_client, "dig", "running")
        for client in (bob_client, charlie_client):
            async with client.rest() as other:
                refused = (await other.post(f"/tools/dig/calls/{call_id}/cancel")).text
                assert "This call is already over." in refused
                assert call_id not in (await other.get("/tools/dig")).text
        assert call_id in (await rest.get("/tools/dig")).text
        ended = (await rest.post(f"/tools/dig/calls/{call_id}/cancel")).text
    assert "Cancelled" in ended
    assert (await until_state(alice_client, call_id, "cancelled"))["ended_at"]
