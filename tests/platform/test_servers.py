"""Both servers carry the portal alike: back-pressure, message limit, an orderly end."""

import asyncio
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
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from accounts.connections import in_database
from accounts.models import User
from galaxy.bodies import MEGABYTE
from tests.client import Client, numbers
from tests.people import session_of
from tests.ports import free_port
from tests.stack import MANAGE, ROOT, Galaxy

SERVERS = ["uvicorn", "daphne"]
TOO_LARGE = 6 * MEGABYTE
UPGRADE = (
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
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


@contextmanager
def served(
    galaxy: Galaxy, server: str, *, open_files: int = 0, stderr: int = subprocess.DEVNULL, **settings: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A further web process of the running installation, on a port of its own."""
    port = free_port()
    command = [*MANAGE, "serve", "--server", server, "--grace", "2"]
    if open_files:
        command = ["prlimit", f"--nofile={open_files}:{open_files}", *command]
    environment = galaxy.env | settings | {"PORT": str(port)}
    with subprocess.Popen(command, env=environment, stderr=stderr) as process:
        try:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                try:
                    httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).raise_for_status()
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


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
                await chat.connection.recv()
        assert too_big.value.rcvd is not None
        assert too_big.value.rcvd.code == 1009
        url = address.replace("http", "ws", 1) + "/ws/chat"
        assert await _codes_of_messages_too_long(url, client.headers) == {1009}
        async with connect(url, additional_headers=client.headers) as chat_socket:
            began = time.monotonic()
            process.terminate()
            with pytest.raises(ConnectionClosed) as ended:
                await chat_socket.recv()
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1012
        assert process.wait(10) in (0, -15)
        assert time.monotonic() - began < 10


async def _codes_of_messages_too_long(url: str, headers: dict[str, str]) -> set[int | None]:
    """What aiohttp, which reads nothing while it sends, sees of messages that end within the last packet and long after."""
    codes: set[int | None] = set()
    async with aiohttp.ClientSession(headers=headers) as session:
        for size in (4_500_000, 4_500_000, 16 * MEGABYTE):
            async with session.ws_connect(url) as connection:
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


CHUNKED = b"POST /api/runs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1"
ASKED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
# What is sent at once, and what comes in drops from then on.
NEVER_COMES = {
    "silence": (b"", b""),
    "half a head": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-", b""),
    "half a body": (b"POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{", b""),
    "an address in drops": (b"GET /", b"a"),
    "a second address in drops": (ASKED + b"GET /", b"a"),
    "a second head in drops": (ASKED + b"GET / HTTP/1.1\r\nX: ", b"a"),
    "the notes of a chunk": (CHUNKED + b";a", b"x" * 500),
    "what follows the last chunk": (CHUNKED + b"\r\na\r\n0\r\n", b"X: " + b"x" * 500 + b"\r\n"),
}


@pytest.mark.parametrize("server", SERVERS)
async def test_who_does_not_go_on_with_a_request_is_let_go(galaxy: Galaxy, server: str) -> None:
    with served(galaxy, server, REQUEST_HEAD_SECONDS="1", REQUEST_BODY_SECONDS="1.5") as (_, address):
        port = int(address.rpartition(":")[2])
        kept = await asyncio.gather(*(_is_kept(port, *sent) for sent in NEVER_COMES.values()))
        assert [name for name, is_kept in zip(NEVER_COMES, kept, strict=True) if is_kept] == []


async def _is_kept(port: int, sent: bytes, drop: bytes) -> bool:
    """Whether the server still holds the connection after many times what it allows."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    dripping = asyncio.create_task(_drip(writer, drop))
    try:
        async with asyncio.timeout(12):
            assert b" 500 " not in await _rest(reader)
            return False
    except TimeoutError:
        return True
    finally:
        dripping.cancel()
        writer.close()


async def _drip(writer: asyncio.StreamWriter, drop: bytes) -> None:
    while drop:
        writer.write(drop)
        await asyncio.sleep(0.1)


ENDLESS = b"X: " + b"a" * 4000 + b"\r\n"
SOCKET = UPGRADE.replace("GET / ", "GET /ws/chat ").replace("\r\n\r\n", "\r\n").encode()
TOO_MUCH = {
    "a head without end": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + 200 * ENDLESS,
    "a header without end": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 800_000,
    "a socket's address": SOCKET.replace(b"/ws/chat", b"/ws/chat?" + b"a" * 9000) + b"\r\n",
    "a socket's cookies": SOCKET + b"Cookie: " + b"a" * 9000 + b"\r\n\r\n",
    "a socket's headers": SOCKET + 200 * b"X: y\r\n" + b"\r\n",
}


@pytest.mark.parametrize("head", TOO_MUCH)
async def test_a_head_that_is_too_large_is_refused_and_its_client_let_go(galaxy: Galaxy, head: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", galaxy.port)
    writer.write(TOO_MUCH[head])
    async with asyncio.timeout(8):
        said = await _rest(reader)  # a client that still sends may see no more than the end
    assert said.startswith(b"HTTP/1.1 431 ") or (not said and len(TOO_MUCH[head]) > 2**16)
    writer.close()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("server", SERVERS)
async def test_a_body_that_comes_slowly_but_comes_is_taken(galaxy: Galaxy, server: str) -> None:
    with served(galaxy, server, REQUEST_HEAD_SECONDS="1", REQUEST_BODY_SECONDS="1") as (_, address):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(b"POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(20):
            writer.write(b" " * 5000)
            await asyncio.sleep(0.1)
        assert b" 401 " in await asyncio.wait_for(reader.readline(), 10)
        writer.close()


async def test_a_crowd_of_silent_connections_shuts_nobody_out_for_long(galaxy: Galaxy) -> None:
    """Under a limit of 256 open files 64 connections are served; while there are more, health is."""
    with served(galaxy, "uvicorn", open_files=256, REQUEST_HEAD_SECONDS="3") as (_, address):
        port = int(address.rpartition(":")[2])
        crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(80)]
        async with httpx.AsyncClient(base_url=address, timeout=10) as client:
            assert (await client.get("/healthz", headers={"Connection": "close"})).status_code == 200
            refused = await client.get("/sign-in")
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "too_many_connections")
            assert int(refused.headers["retry-after"]) > 0
            async with asyncio.timeout(30):
                while (await client.get("/sign-in")).status_code != 200:
                    await asyncio.sleep(0.2)
        for _, writer in crowd:
            writer.close()


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
