"""Secrets that the log of a web process never contains."""

import time

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import SignInLink, User
from galaxy.logs.redaction import redact
from tests.client import BUTTON
from tests.stack import Galaxy


def log_with(galaxy: Galaxy, *pieces: str) -> str:
    """The web process's log once it holds the pieces: lines are written a moment after the answer."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        log = (galaxy.data_dir / "logs" / "web-1.log").read_text()
        if all(piece in log for piece in pieces):
            return log
        time.sleep(0.05)
    raise AssertionError(f"{pieces} never came to the log")


def test_no_token_of_a_link_reaches_the_log_however_it_is_asked_for(galaxy: Galaxy, alice: User) -> None:
    token = SignInLink.issue(alice)
    link = f"{galaxy.base_url}/sign-in/link/{token}"
    elsewhere = {"Host": "elsewhere.example"}
    with httpx.Client() as browser:
        refused = [
            browser.post(link),
            browser.post(link, headers={"Origin": "https://evil.example"}),
            browser.get(link, headers=elsewhere),
            browser.put(link),
            *(
                browser.get(f"{galaxy.base_url}{path}{token}")
                for path in ("//sign-in/link/", "/sign-in//link/", "/Sign-In/Link/")
            ),
            browser.get(f"{link}/more"),
        ]
    assert {answer.status_code for answer in refused} <= {400, 403, 404, 405}
    log = log_with(galaxy, "/sign-in/link/…")
    assert token not in log
    assert "Traceback" not in log


def test_a_slash_at_the_end_does_no_harm(galaxy: Galaxy, alice: User) -> None:
    with httpx.Client(base_url=galaxy.base_url, follow_redirects=True) as browser:
        assert browser.get("/sign-in/?next=/c/x").url.raw_path == b"/sign-in?next=/c/x"
        link = f"/sign-in/link/{SignInLink.issue(alice)}"
        assert f"Sign in as {alice.email}" in browser.get(f"{link}/").text
        assert httpx.post(galaxy.base_url + link, **BUTTON).headers["location"] == "/"


SECRET = "Zm9v-YmFy_cXV4MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMg"


@pytest.mark.parametrize(
    "line",
    [
        f"Not Found: /invitation/{SECRET}",
        f"Not Found: //invitation//{SECRET}/more",
        f'"GET /sign-in?next=%2Fsign-in%2Flink%2F{SECRET}"',
        f'127.0.0.1 - "WebSocket /ws/chat?token={SECRET}" [accepted]',
        f"/ws/chat?x=1&access_token={SECRET}&y=2",
        f"Bad Request: /oauth/authorize?client_secret={SECRET}",
        f"/sign-in/with/oidc/back?state={SECRET}&code={SECRET}",
        f"/sign-in?next=%2Fx%3Fapi_key%3D{SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"the key gxy_pat_{SECRET} was refused",
        f"Not Found: /sign-in%252Flink%252F{SECRET}",
        f"Not Found: /sign%2Din/%6Cink/{SECRET}",
        f"Not Found: /sign-in/./link/{SECRET}",
        f"Not Found: /%2569nvitation/%27{SECRET}",
        f'Not Found: /invitation/"{SECRET}',
        f'"WebSocket /ws/chat?to%6ben={SECRET}" [accepted]',
        f'"WebSocket /ws/chat?a=1%2526token%253D%2520{SECRET}" [accepted]',
        f'"WebSocket /ws/chat?token=a;{SECRET}" [accepted]',
        f'"WebSocket /ws/chat?token="{SECRET}" [accepted]',
        f"Referer: https://galaxy.example/sign-in?next=%252Finvitation%252F{SECRET}",
        f"{{'query_string': b'access_token={SECRET}'}}",
        f"Not Found: /x/gxy%255Fpat%255F{SECRET}",
        *(f"/x?{name}={SECRET}" for name in ("jwt", "id_jwt", "otp", "otp_code", "pwd", "ticket")),
        f'sent {{"user": "ada", "password": "{SECRET}"}}',
        f'sent {{"a": {{"new_pwd" : "x\\"{SECRET}"}}, "b": 1}}',
        f"sent {{'jwt': '{SECRET}', 'b': b'x'}}",
        f"sent {{'ticket': b'{SECRET}'}}",
        f'sent "{{\\"otp\\": \\"{SECRET}\\"}}"',
        f'sent {{"api_keys": ["{SECRET}", "b"]}}',
        f'sent {{"token": "{SECRET}',
        f"/x?body=%7B%22password%22%3A%20%22{SECRET}%22%7D",
    ],
)
def test_a_line_is_written_without_its_secret(line: str) -> None:
    assert SECRET not in redact(line)
    assert "…" in redact(line)


def test_other_parameters_stay() -> None:
    for line in ("Not Found: /c/x?page=2&model=gpt", "Not Found: /c/x%20y%zz?page=%2F2", "at 100% of 'key words', it stops"):
        assert redact(line) == line
    assert redact('{"password": "a b", "model": "gpt", "otp": 123456, "n": 2}') == (
        '{"password": "…", "model": "gpt", "otp": …, "n": 2}'
    )


async def test_a_line_made_to_be_long_to_read_keeps_no_one_waiting(galaxy: Galaxy) -> None:
    """A search that starts anew at each place of a long line takes minutes, and holds up every other request."""
    async with httpx.AsyncClient(base_url=galaxy.base_url, timeout=60) as browser:
        for piece in ("eyJ-", "keykey", "%25", "gxy_", "sign-in/"):
            await browser.get(f"/nowhere/{piece * (60_000 // len(piece))}")
    for piece in (
        "?key",
        "/eyJ-",
        "?a=%25",
        "&token",
        "'secret",
        "://a:",
        "invitation//",
        "%3f",
        "eyJaaaaaaaa.",
        "\\",
        '"a',
        '"key":',
        '"key": "',
    ):
        redact(piece[:1] + 500_000 // len(piece) * piece[1:])


async def test_no_token_of_an_invitation_or_of_a_socket_reaches_the_log(galaxy: Galaxy) -> None:
    async with httpx.AsyncClient(base_url=galaxy.base_url) as browser:
        await browser.put(f"/invitation/{SECRET}")
        await browser.get(f"/invitation/{SECRET}/more")
    for path in ("/ws/chat", "/ws/elsewhere"):
        try:
            async with connect(galaxy.base_url.replace("http", "ws", 1) + f"{path}?token={SECRET}") as refused:
                await refused.recv()
        except (ConnectionClosed, InvalidStatus):
            pass
    log = log_with(galaxy, "/invitation/…", "/ws/chat?token=…")
    assert SECRET not in log
