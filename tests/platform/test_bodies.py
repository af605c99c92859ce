"""How much a request may carry, and what the browser asks for by itself."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from galaxy import bodies
from galaxy.bodies import MEGABYTE, most_bytes
from tests.stack import Galaxy

TOO_LARGE = 6 * MEGABYTE


async def parts(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // MEGABYTE):
        yield b" " * MEGABYTE


@pytest.mark.parametrize("path", ["/api/runs", "/sign-in", "/nowhere"])
@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "chunked"])
async def test_a_body_that_is_too_large_is_refused(anonymous: httpx.AsyncClient, path: str, chunked: bool) -> None:  # noqa: FBT001
    answer = await anonymous.post(path, content=parts(TOO_LARGE) if chunked else b" " * TOO_LARGE)
    assert answer.status_code == 413
    assert answer.json()["error"] == {"code": "too_large", "message": "The request is too large: it may have 5 MB."}
    assert (await anonymous.get("/healthz")).status_code == httpx.codes.OK


async def test_a_declared_length_is_refused_before_anything_is_sent(galaxy: Galaxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", galaxy.port)
    writer.write(f"POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: {TOO_LARGE}\r\n\r\n".encode())
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "chunked"])
async def test_a_body_below_the_limit_is_read(anonymous: httpx.AsyncClient, chunked: bool) -> None:  # noqa: FBT001
    answer = await anonymous.post("/api/runs", content=parts(4 * MEGABYTE) if chunked else b" " * 4 * MEGABYTE)
    assert answer.status_code in (401, 403)


def test_the_longest_beginning_of_the_path_gives_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", {"/": 1, "/api/": 2, "/api/documents": 3})
    assert [most_bytes(path) for path in ("/x", "/api/runs", "/api/documents/1", "")] == [1, 2, 3, 1]


async def test_the_icon_is_found_where_browsers_ask_for_it(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/favicon.ico", follow_redirects=True)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
