"""Clients that send slowly, send too much or read nothing keep no one else out, on either server."""

import asyncio
import socket
from contextlib import suppress

import httpx
import psutil
import pytest

from tests.platform.serving import SERVERS, UPGRADE, served
from tests.stack import Galaxy

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
    """Tell whether the server still holds the connection after many times what it allows."""
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


@pytest.mark.parametrize("server", SERVERS)
async def test_who_reads_nothing_of_an_answer_is_let_go(galaxy: Galaxy, server: str) -> None:
    """Of a page, and of many asked for in a row: its own buffers take the first ones."""
    with served(galaxy, server, RESPONSE_SECONDS="2") as (process, address):
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(place)
            await _until_connections(process.pid, 1)
            client.setblocking(False)
            with suppress(BlockingIOError, ConnectionError):
                while True:
                    client.send(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
                    await asyncio.sleep(0.01)
            await _until_connections(process.pid, 0)


async def _until_connections(pid: int, count: int) -> None:
    async with asyncio.timeout(40):
        while _connections(pid) != count:
            await asyncio.sleep(0.1)


def _connections(pid: int) -> int:
    """The connections of clients that a process holds."""
    ours = [one for one in psutil.Process(pid).net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    port = ours[0].laddr.port
    return sum(one.laddr.port == port and bool(one.raddr) for one in psutil.Process(pid).net_connections("tcp"))


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


@pytest.mark.parametrize("server", SERVERS)
async def test_a_crowd_of_silent_connections_shuts_nobody_out_for_long(galaxy: Galaxy, server: str) -> None:
    """Under a limit of 256 open files 64 connections are served; while there are more, health is."""
    with served(galaxy, server, open_files=256, REQUEST_HEAD_SECONDS="3") as (_, address):
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
