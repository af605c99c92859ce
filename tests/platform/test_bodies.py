"""Limits of a request's body, and the files that browsers ask for by themselves."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from galaxy.middleware import body_limits
from galaxy.middleware.body_limits import MEGABYTE, most_bytes
from tests.client import Client
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
    assert answer.json()["error"] == {"code": "too_large", "message": "The request is too large. The limit is 5 MB."}
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


MANY = "&".join(f"field{number}=x" for number in range(5000))
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n--b--\r\n'


@pytest.mark.parametrize("path", ["/api/runs", "/api/conversations"])
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"model": "' + b"x" * 3 * MEGABYTE + b'"}', 422),
        ("application/json", b" " * 3 * MEGABYTE, 400),
        (MULTIPART, PART, 415),
        (MULTIPART, b"--b\r\nnonsense", 415),
        ("multipart/form-data", PART, 400),
        (URLENCODED, b"text=hello", 400),
        (URLENCODED, MANY.encode(), 413),
    ],
)
async def test_a_body_that_the_rest_door_cannot_read_is_refused_in_its_own_words(
    alice_client: Client, galaxy: Galaxy, path: str, kind: str, body: bytes, status: int
) -> None:
    async with alice_client.rest() as rest:
        answer = await rest.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert set(answer.json()["error"]) >= {"code", "message"}
    assert "Traceback" not in (galaxy.data_dir / "logs" / "web-1.log").read_text()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/theme"])
@pytest.mark.parametrize(
    ("kind", "body", "status"), [(URLENCODED, MANY.encode(), 413), ("multipart/form-data", PART, 400), (MULTIPART, b"--b", 403)]
)
async def test_a_form_that_cannot_be_read_is_refused_on_a_page(
    anonymous: httpx.AsyncClient, galaxy: Galaxy, path: str, kind: str, body: bytes, status: int
) -> None:
    answer = await anonymous.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Traceback" not in (galaxy.data_dir / "logs" / "web-1.log").read_text()


async def test_a_long_text_is_taken_by_a_form(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        answer = await rest.post("/", data={"text": "x" * 3 * MEGABYTE, "csrfmiddlewaretoken": "c" * 32})
    assert answer.status_code == 400
    assert "The most is 200,000" in answer.text


def test_the_longest_beginning_of_the_path_gives_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limits, "MOST_BYTES", {"/": 1, "/api/": 2, "/api/documents": 3})
    assert [most_bytes(path) for path in ("/x", "/api/runs", "/api/documents/1", "")] == [1, 2, 3, 1]


async def test_the_icon_is_found_where_browsers_ask_for_it(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/favicon.ico", follow_redirects=True)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
