"""Both servers carry the portal alike: back-pressure, message limit, an orderly end."""

import asyncio
import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from accounts.storage.connections import in_database
from galaxy.middleware.body_limits import MEGABYTE
from tests.client import Client, numbers
from tests.people import session_of
from tests.platform.serving import SERVERS, UPGRADE, served
from tests.stack import ROOT, Galaxy

TOO_LARGE = 6 * MEGABYTE
STREAM = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"


@contextmanager
def endless(server: str) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.platform.endless", server]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "galaxy.settings"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("request_text", [UPGRADE, STREAM], ids=["socket", "stream"])
def test_a_client_that_does_not_read_stops_its_own_stream(server: str, request_text: str) -> None:
    with endless(server) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request_text.encode())
        time.sleep(1.5)
        before = int(httpx.get(f"http://127.0.0.1:{port}/sent", timeout=5).text)
        time.sleep(0.5)
        assert int(httpx.get(f"http://127.0.0.1:{port}/sent", timeout=5).text) == before
        assert 0 < before < 32 * 2**20
        taken = 0
        while taken < before:  # reading lets it go on
            taken += len(client.recv(2**20))
        assert int(httpx.get(f"http://127.0.0.1:{port}/sent", timeout=5).text) > before


@pytest.mark.parametrize("server", SERVERS)
async def test_a_body_that_is_too_large_is_refused_before_it_has_come(galaxy: Galaxy, server: str) -> None:
    with served(galaxy, server) as (_, address):
        for head, sent in (
            (f"Content-Length: {TOO_LARGE}", b""),
            ("Transfer-Encoding: chunked", b"%x\r\n" % TOO_LARGE + b" " * (TOO_LARGE - 1)),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
            writer.write(f"POST /api/runs HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode() + sent)
            assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
            writer.close()
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.post("/api/runs", content=b" " * TOO_LARGE)).json()["error"]["code"] == "too_large"
            assert (await client.post("/api/runs", content=b" " * (TOO_LARGE - 2 * MEGABYTE))).status_code in (401, 403)


@pytest.mark.parametrize("server", SERVERS)
async def test_it_answers_limits_messages_and_ends_in_time(galaxy: Galaxy, alice: User, server: str) -> None:
    with served(galaxy, server) as (process, address):
        client = Client(address, await in_database(session_of, alice))
        async with client.rest() as rest:
            assert (await rest.get("/readyz")).status_code == httpx.codes.OK
        async with client.socket() as chat:
            accepted = await chat.ask("[[tokens=30]]")
            frames = [accepted, *await chat.until_end(accepted["run_id"])]
            assert numbers(frames) == list(range(1, len(frames) + 1))
            with pytest.raises(ConnectionClosed) as too_big:  # already while it is sent, or after
                await chat.connection.send("x" * (4 * 2**20 + 1))
                await _until_closed(chat.connection)
        assert too_big.value.rcvd is not None
        assert too_big.value.rcvd.code == 1009
        url = address.replace("http", "ws", 1) + "/ws/chat"
        assert await _codes_of_messages_too_long(url, client.headers) == {1009}
        async with connect(url, additional_headers=client.headers) as chat_socket:
            began = time.monotonic()
            process.terminate()
            with pytest.raises(ConnectionClosed) as ended:
                await _until_closed(chat_socket)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1012
        assert process.wait(10) in (0, -15)
        assert time.monotonic() - began < 10


async def _until_closed(connection: ClientConnection) -> None:
    while True:
        await connection.recv()


async def _codes_of_messages_too_long(url: str, headers: dict[str, str]) -> set[int | None]:
    """Close codes that aiohttp, which reads nothing while it sends, sees: for messages just over the limit, and far over it."""
    codes: set[int | None] = set()
    async with aiohttp.ClientSession(headers=headers) as session:
        for size in (4_500_000, 4_500_000, 16 * MEGABYTE):
            async with session.ws_connect(url) as connection:
                with contextlib.suppress(ConnectionError):  # what closes the socket may end the sending
                    await connection.send_str("x" * size)
                async with asyncio.timeout(30):
                    await connection.receive()
                codes.add(connection.close_code)
    return codes


async def test_a_message_just_below_the_limit_is_read(alice_client: Client) -> None:
    async with alice_client.socket() as chat:
        await chat.connection.send(
            json.dumps({"action": "ping", "request_id": "big", "payload": {"x": "y" * (4 * 2**20 - 200)}})
        )
        assert (await chat.receive())["status"] in ("pong", "error")


async def test_a_log_that_nobody_reads_blocks_no_request(galaxy: Galaxy) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    with served(galaxy, "uvicorn", stderr=writing) as (_, address):
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            for number in range(200):  # each writes a line of a hundred characters
                assert (await client.get(f"/not-there-{number}-{'x' * 60}")).status_code == 404
        os.close(writing)
        lines = b""
        while b"not-there-199" not in lines:
            lines += os.read(reading, 65536)
    os.close(reading)
    assert all(b"not-there-%d-" % number in lines for number in range(200))


@pytest.mark.parametrize("server", SERVERS)
async def test_a_process_that_stops_is_not_ready_and_goes_on_serving_for_a_while(galaxy: Galaxy, server: str) -> None:
    with served(galaxy, server, DRAIN_SECONDS="3") as (process, address):
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            assert (await client.get("/readyz")).status_code == 200
            process.terminate()
            async with asyncio.timeout(10):
                while (await client.get("/readyz")).status_code != 503:
                    await asyncio.sleep(0.01)
            assert (await client.get("/readyz", headers={"Connection": "close"})).json()["status"] == "stopping"
            assert (await client.get("/sign-in", headers={"Connection": "close"})).status_code == 200
        assert process.wait(15) in (0, -15)


async def test_many_who_ask_for_readiness_at_once_hear_the_same(galaxy: Galaxy) -> None:
    async with httpx.AsyncClient(base_url=galaxy.base_url, timeout=20) as client:
        answers = await asyncio.gather(*(client.get("/readyz") for _ in range(150)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) <= 20  # one look serves all who ask within a second
