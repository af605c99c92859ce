"""Processes die by SIGKILL while answers call tools: no effect happens twice, no run is stuck, and every answer ends."""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.client import Client
from tests.stack import Galaxy
from tests.tools.following import until_asked
from tests.tools.stand_in.tools import DONE

ANSWERS = 50
KILLED = ("runner", "web", "runner", "worker", "runner", "web", "runner")
ENDED = ("complete", "interrupted", "failed", "stopped")

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("kills")]


async def allow_for_good(client: Client) -> None:
    """Let `book` run in every chat without a question."""
    async with client.socket() as socket:
        accepted = await socket.ask('[[tool=book arguments="{\\"room\\":\\"first\\"}" text=Done.]]')
        asked = (await until_asked(socket, accepted["run_id"]))[-1]
        await socket.send("approve", {"call_id": asked["call_id"], "decision": "always", "everywhere": True})
        await socket.until_end(accepted["run_id"])


async def asked(client: Client, number: int) -> str:
    """The conversation of an answer that books twice, with a pause, and adds in between."""
    booking = f'{{\\"room\\":\\"{number}\\",\\"seconds\\":0.4}}'
    script = f'[[tool="book&add;book" arguments="{booking}&&{{\\"a\\":1,\\"b\\":2}};;{booking}" text=Done. delay=0.2]]'
    body = {"text": script, "request_id": f"booking {number}"}
    while True:
        try:
            async with client.rest() as rest:
                started = await rest.post("/api/runs", json=body)
            if started.status_code == 201:
                return str(started.json()["conversation_id"])
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.1)


async def until_over(client: Client, talk: str) -> dict[str, Any]:
    """The conversation's last run, when it has ended."""
    while True:
        try:
            async with client.rest() as rest:
                last: dict[str, Any] = (await rest.get(f"/api/conversations/{talk}/runs")).json()["results"][0]
            if last["status"] in ENDED:
                return last
        except (httpx.HTTPError, KeyError, ValueError):
            pass
        await asyncio.sleep(0.2)


async def bookings(client: Client, talk: str) -> dict[str, str]:
    """The outcome of each call of `book` in the answer, by the call's id."""
    async with client.rest() as rest:
        messages = (await rest.get(f"/api/conversations/{talk}/messages")).json()["results"]
    parts = messages[-1]["parts"]
    booked = {part["call"] for part in parts if part["type"] == "tool_call" and part["name"] == "book"}
    return {part["call"]: part["outcome"] for part in parts if part["type"] == "tool_result" and part["call"] in booked}


async def test_nothing_happens_twice_and_every_answer_ends(tool_galaxy: Galaxy, owner: Client) -> None:
    await allow_for_good(owner)
    asking = [asyncio.create_task(asked(owner, number)) for number in range(ANSWERS)]
    for part in random.sample(KILLED, len(KILLED)):
        await asyncio.sleep(random.uniform(0.3, 0.9))  # a moment of its own for each kill
        tool_galaxy.kill(part)
        await tool_galaxy.until_ready(part)
    talks = await asyncio.gather(*asking)
    for talk in talks:
        last = await until_over(owner, talk)
        while last["status"] == "interrupted":
            async with owner.rest() as rest:
                assert (await rest.post(f"/api/runs/{last['id']}/continue")).status_code == 201
            last = await until_over(owner, talk)
        assert last["status"] == "complete", last["error"]
    effects = Counter(line.split()[0] for line in (tool_galaxy.data_dir / DONE).read_text().splitlines())
    assert max(effects.values()) == 1
    outcomes = {call: outcome for talk in talks for call, outcome in (await bookings(owner, talk)).items()}
    assert len(outcomes) >= 2 * ANSWERS
    assert set(outcomes.values()) <= {"succeeded", "unknown"}
    assert [call for call, outcome in outcomes.items() if outcome == "succeeded" and effects[call] != 1] == []
