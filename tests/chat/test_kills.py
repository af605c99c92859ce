"""Processes die by SIGKILL in the middle of answers: what was acknowledged is there afterwards, and nothing hangs."""

import asyncio
import itertools
import signal
import time
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.client import Client, bare, numbers, text_of
from tests.stack import Galaxy

KILLS = 20

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("kills")]


async def test_killing_every_web_process_loses_nothing(own_galaxy: Galaxy, own_client: Client) -> None:
    async with own_client.socket() as socket:
        runs = [(await socket.ask(f"{number} [[tokens=900 rate=15]]"))["run_id"] for number in range(3)]
    following = [asyncio.create_task(own_client.insist(run_id, seconds=200)) for run_id in runs]
    for _ in range(KILLS):
        own_galaxy.kill("web")
        await own_galaxy.until_ready("web")
        await asyncio.sleep(0.3)
    for run_id, frames in zip(runs, await asyncio.gather(*following), strict=True):
        assert numbers(frames) == list(range(1, len(frames) + 1))
        assert frames[-1]["status"] == "complete"
        assert bare(frames) == bare(await own_client.events(run_id))


async def test_killing_the_runner_interrupts_answers_that_can_be_continued(own_galaxy: Galaxy, own_client: Client) -> None:
    interrupted = []
    for number in range(KILLS):
        async with own_client.socket() as socket:
            run_id = (await socket.ask(f"{number} [[tokens=2000 rate=50]]"))["run_id"]
            seen = [await socket.receive() for _ in range(20)]
        own_galaxy.kill("runner")
        interrupted.append(asyncio.create_task(_end_of(own_client, run_id, text_of(seen))))
        await own_galaxy.until_ready("runner")
    for started in await asyncio.gather(*interrupted):
        async with own_client.rest() as rest:
            await rest.post(f"/api/runs/{started}/stop")
    async with own_client.rest() as rest:
        assert await _active(rest) == []


async def _end_of(client: Client, run_id: str, seen: str) -> str:
    """The interrupted run is marked, has what was seen, and is continued; gives the run that continues it."""
    frames = await client.insist(run_id, seconds=60)
    assert frames[-1]["error"]["code"] == "interrupted"
    assert numbers(frames) == list(range(1, len(frames) + 1))
    assert text_of(frames).startswith(seen)
    async with client.rest() as rest:
        started = await rest.post(f"/api/runs/{run_id}/continue")
        assert started.status_code == 201, started.text
        return str(started.json()["run_id"])


async def _active(rest: httpx.AsyncClient) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        runs = [run for run in await _runs(rest) if run["status"] in ("queued", "running")]
        if not runs:
            return []
        await asyncio.sleep(0.5)
    return runs


async def _runs(rest: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for conversation in (await rest.get("/api/conversations", params={"page_size": 100})).json()["results"]:
        found += (await rest.get(f"/api/conversations/{conversation['id']}/runs")).json()["results"]
    return found


@pytest.mark.parametrize("part", ["redis", "postgres"])
async def test_killing_a_store_under_load_loses_no_message(own_galaxy: Galaxy, own_client: Client, part: str) -> None:
    acknowledged: dict[str, str] = {}
    enough = asyncio.Event()
    asking = [asyncio.create_task(_keep_asking(own_client, acknowledged, number, enough)) for number in range(5)]
    for _ in range(3):
        await asyncio.sleep(1)
        own_galaxy.kill(part)
        await own_galaxy.until_ready(part)
    await asyncio.sleep(1)
    enough.set()
    await asyncio.gather(*asking)
    assert len(acknowledged) > 5
    for run_id, text in acknowledged.items():
        frames = await own_client.insist(run_id, seconds=60)
        assert numbers(frames) == list(range(1, len(frames) + 1))
        # Killed while a run is claimed, it may be that no one knows who has it: then it waits to be continued.
        assert frames[-1].get("error", {"code": "interrupted"})["code"] == "interrupted", frames[-1]
        async with own_client.rest() as rest:
            messages = (await rest.get(f"/api/conversations/{frames[0]['conversation_id']}/messages")).json()["results"]
        assert messages[0]["text"] == text
        assert messages[1]["text"] == text_of(frames)


async def _keep_asking(client: Client, acknowledged: dict[str, str], worker: int, enough: asyncio.Event) -> None:
    for number in itertools.count():
        if enough.is_set():
            return
        text = f"{worker}/{number} [[tokens=30 rate=40]]"
        try:
            async with client.socket() as socket:
                await socket.send("chat", {"text": text})
                frame = await socket.receive()
                if frame["status"] == "accepted":
                    acknowledged[frame["run_id"]] = text
        except (OSError, ConnectionClosed, TimeoutError):
            pass
        await asyncio.sleep(0.3)


async def test_an_answer_that_ends_while_postgres_stands_still_ends_for_all(own_galaxy: Galaxy, own_client: Client) -> None:
    async with own_client.socket() as socket:
        run_id = (await socket.ask("[[tokens=60 rate=30]]"))["run_id"]
        await asyncio.sleep(1)
        own_galaxy.kill("postgres", signal.SIGSTOP, family=True)
        await asyncio.sleep(9)
        own_galaxy.kill("postgres", signal.SIGCONT, family=True)
        frames = await own_client.insist(run_id, seconds=40)
    assert numbers(frames) == list(range(1, len(frames) + 1))
    # Its lease may have run out meanwhile: then it ends as interrupted, with everything that was said.
    assert frames[-1]["status"] == "complete" or frames[-1]["error"]["code"] == "interrupted"
    assert len(text_of(frames).split()) == 60
    assert bare(frames) == bare(await own_client.events(run_id))


async def test_everybody_is_served_at_once_when_postgres_is_back(own_galaxy: Galaxy, own_client: Client) -> None:
    async with own_client.rest() as rest, own_client.socket() as socket:
        await asyncio.gather(*(rest.get("/api/me") for _ in range(12)))
        own_galaxy.kill("postgres")
        refused = [await rest.get(address) for address in ("/api/me", "/")]
        assert all(answer.status_code == 503 or answer.is_success for answer in refused)
        await own_galaxy.until_ready("postgres")
        async with asyncio.timeout(5):
            answers = await asyncio.gather(*(rest.get("/api/me") for _ in range(12)))
        assert {answer.status_code for answer in answers} == {200}
        await socket.send("ping")
        assert (await socket.receive())["status"] == "pong"


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_redis_that_stands_still_interrupts_no_answer(own_galaxy: Galaxy, own_client: Client, *, goes_on: bool) -> None:
    """Leases are PostgreSQL's. The supervisor replaces a Redis that stays frozen, after some twenty seconds."""
    async with own_client.socket() as socket:
        runs = [(await socket.ask(f"{number} [[tokens=500 rate=20]]"))["run_id"] for number in range(3)]
        assert [(await socket.receive())["status"] for _ in runs]
    own_galaxy.kill("redis", signal.SIGSTOP)
    if goes_on:
        await asyncio.sleep(13)
        own_galaxy.kill("redis", signal.SIGCONT)
    await own_galaxy.until_ready("redis")
    for run_id in runs:
        frames = await own_client.insist(run_id, seconds=60)
        assert numbers(frames) == list(range(1, len(frames) + 1))
        assert frames[-1]["status"] == "complete", frames[-1]
        assert bare(frames) == bare(await own_client.events(run_id))
