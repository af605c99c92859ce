"""Sign-in by a proxy's header. The trusted proxy is at 127.0.0.2; strangers come from 127.0.0.1: theirs does not count."""

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from django.core.exceptions import ImproperlyConfigured
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from accounts.identity import proxy
from accounts.identity.credentials import PROXIED
from galaxy.configuration.environment import Environment
from galaxy.doctor import spoofing
from tests.client import Socket
from tests.ports import free_port
from tests.stack import MANAGE, Galaxy, Providers

NEW, OLD = "the-new-secret-of-the-proxy-1", "the-old-secret-of-the-proxy-0"
PROXY, STRANGER = "127.0.0.2", "127.0.0.1"
USER = ("X-Email-User", "dana@example.org")
Headers = list[tuple[str, str]]

SPOOFS: dict[str, tuple[str, Headers]] = {
    "no secret": (PROXY, [USER]),
    "wrong secret": (PROXY, [USER, ("X-Proxy-Secret", "a-secret-that-is-not-the-one")]),
    "empty secret": (PROXY, [USER, ("X-Proxy-Secret", "")]),
    "two secrets": (PROXY, [USER, ("X-Proxy-Secret", NEW), ("X-Proxy-Secret", "another")]),
    "wrong address": (STRANGER, [USER, ("X-Proxy-Secret", NEW)]),
    "wrong address, forwarded": (
        STRANGER,
        [USER, ("X-Proxy-Secret", NEW), ("X-Forwarded-For", PROXY), ("Forwarded", f"for={PROXY}")],
    ),
    "doubled header": (PROXY, [USER, ("X-Email-User", "eve@example.org"), ("X-Proxy-Secret", NEW)]),
    "doubled in another case": (PROXY, [USER, ("x-EMAIL-user", "eve@example.org"), ("X-Proxy-Secret", NEW)]),
    "underscore form": (PROXY, [("X_Email_User", "dana@example.org"), ("X-Proxy-Secret", NEW)]),
    "underscore beside": (PROXY, [USER, ("X_EMAIL_USER", "eve@example.org"), ("X-Proxy-Secret", NEW)]),
    "comma": (PROXY, [("X-Email-User", "dana@example.org,eve@example.org"), ("X-Proxy-Secret", NEW)]),
    "no address": (PROXY, [("X-Email-User", "dana"), ("X-Proxy-Secret", NEW)]),
    "a space within": (PROXY, [("X-Email-User", "dana@example.org eve@example.org"), ("X-Proxy-Secret", NEW)]),
    "too long": (PROXY, [("X-Email-User", "d" * 250 + "@example.org"), ("X-Proxy-Secret", NEW)]),
    "empty": (PROXY, [("X-Email-User", ""), ("X-Proxy-Secret", NEW)]),
}


@pytest.fixture(scope="module")
def behind_proxy(stand_in_process: Providers) -> Iterator[Galaxy]:
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        settings = {
            "TRUSTED_PROXIES": f"{PROXY},10.0.0.0/8",
            "PROXY_SHARED_SECRET": f"{NEW},{OLD}",
            "PROXY_SESSION_SECONDS": "4",
        }
        installation = Galaxy(Path(folder), free_port(), stand_in_process, **settings)
        installation.start()
        yield installation
        installation.stop()


def client(galaxy: Galaxy, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=galaxy.base_url, transport=httpx.AsyncHTTPTransport(local_address=address), timeout=20)


async def socket_says(galaxy: Galaxy, address: str, headers: Headers) -> str | int:
    """`pong`, or the code with which the socket was closed."""
    own = [*headers, ("Origin", galaxy.base_url)]
    async with connect(galaxy.ws_url, additional_headers=own, local_addr=(address, 0)) as socket:
        try:
            await socket.send('{"action": "chat", "payload": {"text": ""}}')
            return str(json.loads(await socket.recv())["error"]["code"])
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0


@pytest.mark.parametrize("secret", [NEW, OLD])
@pytest.mark.parametrize("name", ["X-EMAIL-USER", "x-email-user"])
async def test_the_proxy_signs_its_people_in_at_every_door(behind_proxy: Galaxy, secret: str, name: str) -> None:
    headers = [(name, "Dana@Example.org"), ("X-Proxy-Secret", secret)]
    async with client(behind_proxy, PROXY) as proxied:
        assert (await proxied.get("/api/me", headers=headers)).json()["email"] == "dana@example.org"
        assert (await proxied.get("/", headers=headers)).status_code == 200
    assert await socket_says(behind_proxy, PROXY, headers) == "bad_request"  # which only someone signed in is told


async def test_what_a_header_opened_ends_after_its_longest_life_and_is_opened_again(behind_proxy: Galaxy) -> None:
    headers = [USER, ("X-Proxy-Secret", NEW), ("Origin", behind_proxy.base_url)]
    for _ in range(2):
        async with connect(behind_proxy.ws_url, additional_headers=headers, local_addr=(PROXY, 0)) as socket:
            await socket.send('{"action": "ping", "request_id": "1"}')
            assert json.loads(await socket.recv())["status"] == "pong"
            assert await Socket(socket).until_closed(within=60) == 4401


@pytest.mark.parametrize("attempt", SPOOFS)
async def test_a_spoofed_header_is_nobody_at_every_door(behind_proxy: Galaxy, attempt: str) -> None:
    address, headers = SPOOFS[attempt]
    async with client(behind_proxy, address) as somebody:
        assert (await somebody.get("/api/me", headers=headers)).status_code == 401
        assert (await somebody.get("/api/conversations", headers=headers)).status_code == 401
        assert (await somebody.get("/", headers=headers)).headers["location"].startswith("/sign-in")
        assert (await somebody.get("/admin/", headers=headers)).status_code == 302
    assert await socket_says(behind_proxy, address, headers) == 4401


async def reason_of(attempt: str) -> tuple[str, str]:
    """The address that the attempt comes from, and the reason for its refusal."""
    address, headers = SPOOFS[attempt]
    with pytest.raises(proxy.Refused) as refused:
        await proxy.believed(
            rules([PROXY], [NEW, OLD]), (address, 1), [(name.lower().encode(), value.encode()) for name, value in headers]
        )
    return address, str(refused.value)


async def named_at(path: str, attempt: tuple[str, Headers], monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The address of the person whom the guard names to an application at the path, if any."""
    seen: list[Any] = []

    async def answer(scope: Any, *_: Any) -> None:
        seen.append(scope)

    monkeypatch.setattr(proxy, "rules_in_force", lambda: rules([PROXY], [NEW, OLD]))
    headers = [(name.lower().encode(), value.encode()) for name, value in attempt[1]]
    scope: Any = {"type": "http", "path": path, "client": (attempt[0], 1), "headers": headers}
    await proxy.TrustedProxy(answer)(scope, cast("Any", None), cast("Any", None))
    assert not {name for name, _ in seen[0]["headers"]} & {b"x-email-user", b"x_email_user", b"x-proxy-secret"}
    proxied = seen[0].get(PROXIED)
    return proxied.email if proxied else None


@pytest.mark.usefixtures("galaxy")  # which keeps the audit
@pytest.mark.parametrize("path", ["/mcp", "/v1/models"])
async def test_no_spoof_names_anybody_where_programs_will_call(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await named_at(path, (PROXY, [USER, ("X-Proxy-Secret", NEW)]), monkeypatch) == "dana@example.org"
    for attempt in SPOOFS.values():
        assert await named_at(path, attempt, monkeypatch) is None


def test_proxies_may_be_as_many_as_a_large_service_has() -> None:
    """Those that Cloudflare publishes, and every own network."""
    published = ["104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "162.158.0.0/15", "2a06:98c0::/29", "2606:4700::/32"]
    assert rules([*published, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8"], [NEW]).networks


@pytest.mark.parametrize("blanks", [" {} ", "{}\t", "\t {}"])
async def test_blanks_around_a_value_are_no_part_of_it_at_any_door(behind_proxy: Galaxy, blanks: str) -> None:
    headers = [(name, blanks.format(value)) for name, value in (USER, ("X-Proxy-Secret", NEW))]
    lines = "".join(f"{name}:{value}\r\n" for name, value in headers)
    asked = f"GET /api/me HTTP/1.1\r\nHost: 127.0.0.1:{behind_proxy.port}\r\nConnection: close\r\n{lines}\r\n"
    upgrade = (
        f"GET /ws/chat HTTP/1.1\r\nHost: 127.0.0.1:{behind_proxy.port}\r\nOrigin: {behind_proxy.base_url}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"Sec-WebSocket-Version: 13\r\n{lines}\r\n"
    )
    assert await raw(behind_proxy, asked, b"dana@example.org")
    ping = b"\x81\x92\0\0\0\0" + b'{"action": "ping"}'
    assert await raw(behind_proxy, upgrade, b"pong", then=ping)


async def raw(galaxy: Galaxy, text: str, wanted: bytes, *, then: bytes = b"") -> bool:
    """Send exactly these bytes from the proxy's address; tells whether the answer contains `wanted`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", galaxy.port, local_addr=(PROXY, 0))
    writer.write(text.encode())
    if then:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(then)
    said = b""
    async with asyncio.timeout(20):
        while wanted not in said and (piece := await reader.read(4096)):
            said += piece
    writer.close()
    return wanted in said


async def test_every_spoof_is_in_the_audit(behind_proxy: Galaxy) -> None:
    for address, headers in SPOOFS.values():
        async with client(behind_proxy, address) as somebody:
            await somebody.post("/mcp", headers=headers)
    wanted = {await reason_of(attempt) for attempt in SPOOFS}
    async with asyncio.timeout(10):
        while not wanted <= {
            (entry["client"].split()[0], entry["detail"].get("why"))
            for entry in map(json.loads, behind_proxy.manage("audit", "export").splitlines())
            if entry["action"] == "sign_in.refused" and entry["detail"]["door"] == "proxy"
        }:
            await asyncio.sleep(0.5)


async def test_a_change_by_a_proxied_browser_needs_the_page_s_token(behind_proxy: Galaxy) -> None:
    headers = [USER, ("X-Proxy-Secret", NEW)]
    async with client(behind_proxy, PROXY) as proxied:
        assert (await proxied.post("/api/conversations", json={}, headers=headers)).status_code == 403
        mark = [("X-CSRFToken", "c" * 32), ("Cookie", f"galaxy_csrf={'c' * 32}")]
        assert (await proxied.post("/api/conversations", json={}, headers=[*headers, *mark])).status_code == 201


async def test_another_person_at_the_proxy_ends_the_session_before(behind_proxy: Galaxy) -> None:
    cookie = ("Cookie", f"galaxy_session={behind_proxy.owner_cookie()}")
    async with client(behind_proxy, PROXY) as proxied:
        assert (await proxied.get("/api/me", headers=[cookie])).json()["email"] == "owner@localhost"
        both = await proxied.get("/api/me", headers=[cookie, USER, ("X-Proxy-Secret", NEW)])
        assert both.json()["email"] == "dana@example.org"
        assert (await proxied.get("/api/me", headers=[cookie])).status_code == 401


async def test_a_spoof_leaves_a_session_as_it_is(behind_proxy: Galaxy) -> None:
    cookie = ("Cookie", f"galaxy_session={behind_proxy.owner_cookie()}")
    async with client(behind_proxy, STRANGER) as somebody:
        answer = await somebody.get("/api/me", headers=[cookie, USER, ("X-Proxy-Secret", NEW)])
    assert answer.json()["email"] == "owner@localhost"


def rules(proxies: list[str], secrets: list[str]) -> proxy.Rules:
    return proxy.rules(proxies=proxies, user_header="X-Email-User", secret_header="X-Proxy-Secret", secrets=secrets, token=None)


@pytest.mark.parametrize(
    ("proxies", "secrets"),
    [
        (["10.0.0.1"], []),
        (["10.0.0.1"], ["short"]),
        (["10.0.0.1"], [NEW, "short"]),
        (["0.0.0.0/0"], [NEW]),
        (["::/0"], [NEW]),
        (["0.0.0.0/1", "128.0.0.0/1"], [NEW]),
        (["10.0.0.1", "64.0.0.0/2", "192.168.0.0/15"], [NEW]),
        (["203.0.0.0/8", "198.51.100.0/24"], [NEW]),
        (["::/1", "8000::/1"], [NEW]),
        (["2001::/16"], [NEW]),
        (["proxy.example.org"], [NEW]),
        ([], [NEW]),
    ],
)
def test_rules_that_would_let_a_stranger_in_are_refused(proxies: list[str], secrets: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured):
        rules(proxies, secrets)


async def test_a_proxy_is_known_by_its_ipv4_address_in_ipv6_clothes() -> None:
    headers = [(b"x-email-user", b"dana@example.org"), (b"x-proxy-secret", NEW.encode())]
    known = rules(["10.0.0.0/8"], [NEW])
    assert (await proxy.believed(known, ("::ffff:10.1.2.3", 1), headers)).email == "dana@example.org"
    for stranger in (("::ffff:11.1.2.3", 1), ("10.1.2.3.evil", 1), ("", 0), None):
        with pytest.raises(proxy.Refused):
            await proxy.believed(known, stranger, headers)


def test_doctor_tries_to_spoof_its_own_sign_in(behind_proxy: Galaxy) -> None:
    done = subprocess.run([*MANAGE, "doctor"], env=behind_proxy.env, capture_output=True, text=True, check=False, timeout=60)
    assert "Signing in with a forged header is refused. The attempts are in the audit" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("is_trusted", [True, False])
def test_no_forgery_of_doctor_s_is_what_the_proxy_would_send(*, is_trusted: bool) -> None:
    settings = Environment(trusted_proxies=PROXY, proxy_shared_secret=NEW)
    known = rules([PROXY], [NEW])
    for how, headers in spoofing.forgeries(settings, is_trusted=is_trusted):
        if how.startswith(("from an address", "with a forged")):
            continue  # right but for where it comes from
        with pytest.raises(proxy.Refused):
            asyncio.run(proxy.believed(known, (PROXY, 1), [(name.lower().encode(), value.encode()) for name, value in headers]))


async def test_doctor_names_the_forgeries_that_a_credulous_portal_believes() -> None:
    async def credulous(request: web.Request) -> web.Response:
        return web.json_response({}, status=200 if request.headers.getall("X-Email-User", []) else 401)

    portal = web.Application()
    portal.router.add_get("/api/me", credulous)
    async with TestServer(portal) as server:
        believed = await spoofing.succeeded(Environment(), str(server.make_url("")))
    assert "without a secret" in believed
    assert "with underscores in the header's name" not in believed
    with pytest.raises(spoofing.NotTried):
        await spoofing.succeeded(Environment(), f"http://127.0.0.1:{free_port()}")
