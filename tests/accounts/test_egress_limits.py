"""Size and time: what a site may cost. And what is told of a call."""

import asyncio
import gzip
import logging
import time
import zlib
from typing import Any

import pytest

from accounts.egress.calls import Done
from accounts.egress.errors import BadAnswer, EgressError, TooLarge, TooSlow, Unreachable
from tests.accounts.site import OWN, Site, a_client, a_site

BY_STREAM: dict[str, Any] = {"most_bytes": 200_000, "seconds": 5.0}
LIMITS: dict[str, Any] = {"most_bytes": 100_000, "seconds": 5.0}
HEAD = b"HTTP/1.1 200 OK\r\n"


async def fetch(site: Site, path: str = "/", **options: Any) -> bytes:
    async with a_client() as client:
        return (await client.fetch(site.url + path, **LIMITS | options)).body


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"text" * 5000, mtime=0)),
        ("x-gzip", gzip.compress(b"text" * 5000, mtime=0)),
        ("GZIP", gzip.compress(b"text" * 2500, mtime=0) + gzip.compress(b"text" * 2500, mtime=0)),
        ("deflate", zlib.compress(b"text" * 5000)),
        ("deflate", zlib.compress(b"text" * 5000, wbits=-15)),
        ("identity", b"text" * 5000),
    ],
)
async def test_a_packed_answer_is_unpacked(encoding: str, packed: bytes) -> None:
    async with a_site() as site:
        site.says("/", packed, Content_Encoding=encoding)
        assert await fetch(site) == b"text" * 5000
    assert site.asked[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(b"text" * 50, mtime=0)[:-9]),
        ("gzip", gzip.compress(b"text", mtime=0) + b"more"),
        ("br", b"anything"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"text", mtime=0), mtime=0)),
    ],
)
async def test_an_answer_that_cannot_be_unpacked(encoding: str, packed: bytes) -> None:
    async with a_site() as site:
        site.says("/", packed, Content_Encoding=encoding)
        with pytest.raises(BadAnswer):
            await fetch(site)


async def test_an_answer_that_says_it_is_too_large_is_not_read() -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 100001\r\n\r\n")

    async with a_site() as site:
        site.does("/", write)
        with pytest.raises(TooLarge):
            await fetch(site)


async def test_an_answer_without_an_end_is_cut_off() -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()

    async with a_site() as site:
        site.does("/", write)
        with pytest.raises(TooLarge):
            await fetch(site)


@pytest.mark.parametrize("most_bytes", [100_000, 10**9])
async def test_a_bomb_is_stopped_by_what_it_unpacks_to_and_by_how_dense_it_is(most_bytes: int) -> None:
    async with a_site() as site:
        site.says("/", gzip.compress(bytes(200_000_000), mtime=0), Content_Encoding="gzip")
        started = time.monotonic()
        with pytest.raises(TooLarge):
            await fetch(site, most_bytes=most_bytes)
    assert time.monotonic() - started < 2


async def test_packed_emptiness_is_stopped_by_its_packed_size() -> None:
    emptiness = gzip.compress(b"", mtime=0) * 100

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            writer.write(b"%x\r\n%b\r\n" % (len(emptiness), emptiness))
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async with a_site() as site:
        site.does("/", write)
        with pytest.raises(TooLarge):
            await fetch(site)


async def test_a_site_that_says_nothing_is_given_up() -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with a_site() as site:
        site.does("/", write)
        with pytest.raises(TooSlow):
            await fetch(site, seconds=0.3)


async def test_drops_do_not_extend_the_time() -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with a_site() as site:
        site.does("/", write)
        started = time.monotonic()
        with pytest.raises(TooSlow):
            await fetch(site, seconds=0.5)
    assert 0.4 < time.monotonic() - started < 1.5


async def test_redirects_share_the_time_of_the_call() -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    async with a_site() as site:
        site.does("/", write)
        with pytest.raises(TooSlow):
            await fetch(site, seconds=0.5)


@pytest.mark.parametrize(
    "line", [b"X-%d: y\r\n", b"X-Long: " + b"y" * 10_000 + b"\r\n", b"y" * 1000, b"HTTP/1.1 100 Continue\r\n\r\n"]
)
async def test_headers_without_an_end_are_cut_off(line: bytes) -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(b"" if line.startswith(b"HTTP") else HEAD)
        for number in range(1_000_000):
            writer.write(line.replace(b"%d", b"%d" % number))
            await writer.drain()
            await asyncio.sleep(0)

    async with a_site() as site:
        site.does("/", write)
        started = time.monotonic()
        with pytest.raises((BadAnswer, Unreachable, TooSlow)):
            await fetch(site, seconds=2)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-OpenSSH\r\n", HEAD + b"Content-Length: 10\r\n\r\nhalf", HEAD + b"Content-Length: x\r\n\r\n"]
)
async def test_what_is_no_answer(said: bytes) -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async with a_site() as site:
        site.does("/", write)
        with pytest.raises((BadAnswer, Unreachable)):
            await fetch(site)


async def test_json_that_is_none() -> None:
    async with a_site() as site, a_client() as client:
        assert (await client.fetch(site.says("/", b'{"a": 1}'), **LIMITS)).json() == {"a": 1}
        with pytest.raises(BadAnswer):
            (await client.fetch(site.says("/", b"<html>"), **LIMITS)).json()


async def test_a_stream_comes_piece_by_piece_and_keeps_the_limits() -> None:
    more = asyncio.Event()

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 200000\r\n\r\nfirst")
        await more.wait()
        writer.write(b"x" * 199_995)

    async with a_site() as site, a_client() as client, client.stream(site.does("/", write), **BY_STREAM) as incoming:
        pieces = incoming.pieces()
        assert await anext(pieces) == b"first"
        more.set()
        assert sum([len(piece) async for piece in pieces]) == 199_995


async def test_an_error_of_the_reader_stays_his_own_and_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 10\r\n\r\n")
        await writer.drain()
        await writer.wait_closed()
        gone.set()

    done: list[Done] = []
    async with a_site() as site, a_client() as client:
        with pytest.raises(TimeoutError, match="mine"):
            async with client.stream(site.does("/", write), on_done=done.append, **LIMITS):
                raise TimeoutError("mine")
    assert done[0].outcome == "Abandoned"


async def test_a_call_is_told_without_its_path_or_its_credentials(caplog: pytest.LogCaptureFixture) -> None:
    done: list[Done] = []
    headers = {"Authorization": "Bearer planted"}
    caplog.set_level(logging.INFO, "accounts.egress")
    async with a_site() as site, a_client() as client:
        site.sends_on("/planted/a", "/planted/b?c=planted")
        site.says("/planted/b", b"body")
        await client.fetch(site.url + "/planted/a?b=planted", headers=headers, on_done=done.append, **LIMITS)
        with pytest.raises(EgressError):
            await client.fetch(f"http://{OWN}/planted", on_done=done.append, **LIMITS)
        with pytest.raises(EgressError):
            await client.fetch("http://planted:planted@x/", on_done=done.append, **LIMITS)
    assert [(one.method, one.origin, one.status, one.outcome, one.received, one.redirects) for one in done] == [
        ("GET", site.url, 200, "ok", 4, 1),
        ("GET", f"http://{OWN}:80", None, "Forbidden", 0, 0),
        ("GET", "", None, "BadAddress", 0, 0),
    ]
    assert [record.levelname for record in caplog.records] == ["INFO"] * 3
    assert "planted" not in caplog.text
