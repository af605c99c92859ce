"""Long waits, slow ends and switched-off doors: an installation with settings of its own."""

import asyncio
import contextlib
import itertools
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.client import Client, Frame, Socket, numbers, text_of
from tests.ports import free_port
from tests.stack import CLAUDE, MODELS, Galaxy, Providers

MOST_SOCKETS = 8
AT_ONE_SOCKET = 4
PATIENT = {
    "FIRST_TOKEN_SECONDS": "30",
    "WORDLESS_SECONDS": "60",
    "OPEN_SOCKETS": str(MOST_SOCKETS),
    "FOLLOWED_ANSWERS": str(4 * AT_ONE_SOCKET),
}


@pytest.fixture(scope="module")
def patient(stand_in_process: Providers) -> Iterator[Galaxy]:
    """An installation that waits long for a model."""
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        installation = Galaxy(Path(folder), free_port(), stand_in_process, models=MODELS + CLAUDE, **PATIENT)
        installation.start()
        yield installation
        installation.stop()


@pytest.fixture(scope="module")
def client(patient: Galaxy) -> Client:
    return Client(patient.base_url, patient.owner_cookie())


async def test_a_long_silence_is_told_of_at_least_every_five_seconds(client: Client) -> None:
    async with client.socket() as socket:
        accepted = await socket.ask("[[delay=11 tokens=3]]")
        loop = asyncio.get_running_loop()
        moments = [loop.time()]
        frames: list[Frame] = []
        while not frames or frames[-1]["status"] != "complete":
            frames.append(await socket.receive())
            moments.append(loop.time())
    told = [frame["event"] for frame in frames if frame["status"] == "event"]
    notices = [event["data"] for event in told if event["type"] == "thinking"]
    assert len(notices) == 2
    assert notices[0]["description"] == "Waiting for Stand-in to answer"
    assert max(later - earlier for earlier, later in itertools.pairwise(moments)) < 5.5
    assert numbers([accepted, *frames]) == list(range(1, len(frames) + 2))


async def test_a_provider_with_a_wire_of_its_own_answers_as_well(client: Client) -> None:
    async with client.socket() as socket:
        accepted = await socket.ask("[[tokens=10 reasoning=3]]", model="Stand-in Claude")
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["status"] == "complete", frames[-1]
    assert text_of(frames)
    assert frames[-1]["usage"]["completion_tokens"] > 0


async def test_a_runner_that_is_told_to_stop_lets_short_answers_finish_and_hands_over_long_ones(
    patient: Galaxy, client: Client
) -> None:
    async with client.socket() as socket:
        short = (await socket.ask("[[tokens=60 rate=20]]"))["run_id"]
        long = (await socket.ask("[[tokens=5000 rate=20]]"))["run_id"]
    await asyncio.sleep(0.5)
    patient.kill("runner", signal.SIGTERM)
    finished, cut = await asyncio.gather(client.insist(short), client.insist(long, seconds=14))
    assert finished[-1]["status"] == "complete"
    assert cut[-1]["error"]["code"] == "interrupted"
    assert len(text_of(cut)) > len(text_of(finished))
    await patient.until_ready("runner")


async def answer_to(socket: Socket) -> str | int | None:
    """`pong`, or the code with which it was closed."""
    try:
        await socket.send("ping")
        return str((await socket.receive())["status"])
    except ConnectionClosed:
        return socket.connection.close_code


async def answers_to(client: Client, sockets: int) -> list[str | int | None]:
    """Open so many sockets, one after the other; gives the answer to each."""
    async with contextlib.AsyncExitStack() as held:
        return [await answer_to(await held.enter_async_context(client.socket())) for _ in range(sockets)]


async def test_one_more_socket_than_a_person_may_have_open_is_closed(client: Client) -> None:
    for _ in range(2):
        async with asyncio.timeout(10):  # the server hears a moment later that those of before are closed
            while await answers_to(client, MOST_SOCKETS + 1) != ["pong"] * MOST_SOCKETS + [4429]:
                await asyncio.sleep(0.1)


async def follow(socket: Socket, run_id: str) -> str:
    """The status that the answer to a resume begins with, or the code of its error."""
    request_id = await socket.send("resume", {"run_id": run_id})
    while (frame := await socket.receive())["request_id"] != request_id:
        pass
    return str(frame["error"]["code"] if frame["status"] == "error" else frame["status"])


async def test_one_answer_more_than_a_socket_or_a_person_may_follow_is_refused(client: Client) -> None:
    async with client.rest() as rest, contextlib.AsyncExitStack() as held:
        body = {"text": "[[tokens=2000 rate=10]]"}
        runs = [(await rest.post("/api/runs", json=body)).json()["run_id"] for _ in range(AT_ONE_SOCKET + 1)]
        sockets = [await held.enter_async_context(client.socket()) for _ in range(5)]
        for socket in sockets[:4]:
            assert [await follow(socket, run) for run in runs] == ["accepted"] * AT_ONE_SOCKET + ["too_many_followed"]
        assert await follow(sockets[0], runs[0]) == "accepted"  # again, in place of before
        assert await follow(sockets[4], runs[0]) == "too_many_followed"
        await sockets[4].send("chat", {"text": "[[tokens=1]]"})
        assert (await sockets[4].receive())["error"]["code"] == "too_many_followed"
        await sockets[0].connection.close()
        async with asyncio.timeout(10):
            while await follow(sockets[4], runs[0]) != "accepted":
                await asyncio.sleep(0.1)
        for run in runs:
            await rest.post(f"/api/runs/{run}/stop")


async def test_sockets_that_are_switched_off_say_so(stand_in_process: Providers) -> None:
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        installation = Galaxy(Path(folder), free_port(), stand_in_process, DISABLE_WEBSOCKET="true", DISABLE_LLM_CALLS="true")
        installation.start()
        client = Client(installation.base_url, installation.owner_cookie())
        async with client.socket() as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.receive()
        async with client.rest() as rest:
            started = (await rest.post("/api/runs", json={"text": "hello"})).json()
        frames = await client.events(started["run_id"])
        installation.stop()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4503
    assert frames[-1]["status"] == "error"
    assert "switched off" in frames[-1]["error"]["message"]
