"""Pages that may open a socket with someone's cookie."""

import pytest
from django.conf import settings
from django.test import RequestFactory, override_settings
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from accounts.identity import csrf
from accounts.identity.origins import is_own
from galaxy.configuration import environment
from tests.client import Client
from tests.stack import Galaxy


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:9999", "http://localhost", "http://evil.example", "https://127.0.0.1", "null", ""],
)
async def test_another_origin_on_the_same_machine_is_refused(alice_client: Client, origin: str) -> None:
    alice_client.headers["Origin"] = origin
    with pytest.raises(InvalidStatus) as refused:
        async with alice_client.socket():
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Origin": "null"}, "The browser hides which page sent this"),
        ({"Origin": "https://evil.example"}, "which is not an address of this Galaxy"),
        ({"Origin": "http://127.0.0.1:1"}, "which is not an address of this Galaxy"),
        ({"Cookie": ""}, "Allow cookies for this site"),
        ({"X-CSRFToken": "d" * 32}, "Nothing was sent. Go back, reload the page and try again."),
    ],
    ids=str,
)
async def test_a_form_and_a_request_are_refused_with_the_true_cause(
    galaxy: Galaxy, alice_client: Client, headers: dict[str, str], words: str
) -> None:
    cookies = {"Cookie": alice_client.headers["Cookie"].split(";")[0]} if "Cookie" in headers else {}
    alice_client.headers |= headers | cookies
    async with alice_client.rest() as rest:
        refused = await rest.post("/api/conversations", json={})
        page = await rest.post("/theme", data={"theme": "light"})
    assert (refused.status_code, page.status_code) == (403, 403)
    assert words in refused.json()["error"]["message"]
    assert words in page.text


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("HTTPS://Galaxy.Example.org", "https://galaxy.example.org"),
        ("https://galaxy.example.org:443/", "https://galaxy.example.org"),
        ("http://Galaxy:80", "http://galaxy"),
        ("https://galaxy:8443", "https://galaxy:8443"),
        ("http://galaxy:443", "http://galaxy:443"),
        ("https://[FD00::1]:443", "https://[fd00::1]"),
        ("https://[fd00::443]", "https://[fd00::443]"),
    ],
)
def test_the_public_address_is_one_place_however_it_is_written(given: str, plain: str) -> None:
    assert environment.read({"PUBLIC_URL": given}).address == plain


async def test_another_scheme_is_another_origin(alice_client: Client) -> None:
    alice_client.headers["Origin"] = alice_client.base_url.replace("http", "https", 1)
    with pytest.raises(InvalidStatus, match="403"):
        async with alice_client.socket():
            pass


@pytest.mark.parametrize("path", ["/ws/nothing", "/", "/ws/chat/", "/ws", "/%00", "/ws/chat%0a"])
async def test_a_socket_at_an_address_without_one_is_closed_with_a_code(
    galaxy: Galaxy, alice_client: Client, path: str
) -> None:
    logged_before = len(galaxy.logged("web"))
    async with connect(galaxy.ws_url.removesuffix("/ws/chat") + path, additional_headers=alice_client.headers) as socket:
        await socket.wait_closed()
        assert socket.close_code == 4404
    assert "Traceback" not in galaxy.logged("web")[logged_before:]


async def test_no_origin_is_refused(alice_client: Client) -> None:
    del alice_client.headers["Origin"]
    with pytest.raises(InvalidStatus, match="403"):
        async with alice_client.socket():
            pass


async def test_the_name_by_which_the_page_was_loaded_is_well(alice_client: Client) -> None:
    address = alice_client.base_url.replace("127.0.0.1", "localhost")
    headers = alice_client.headers | {"Origin": address}
    async with connect(address.replace("http", "ws", 1) + "/ws/chat", additional_headers=headers):
        pass


@pytest.mark.parametrize(
    ("public", "host", "origin", "expected"),
    [
        ("https://g.example", "g.example", "https://g.example", True),
        ("https://g.example", "g.example", "https://G.EXAMPLE:443", True),
        ("https://g.example", "g.example", "http://g.example", False),
        ("https://g.example", "other.example", "https://other.example", True),
        ("https://g.example", "other.example", "https://g.example", True),
        ("https://g.example", "other.example", "https://other.example:8443", False),
        ("https://g.example", "foreign.example", "https://foreign.example", False),
        ("https://g.example", "foreign.example", "https://g.example", False),
        ("https://g.example", "127.0.0.1:8000", "http://127.0.0.1:8000", True),
        ("https://g.example", "[::1]:8000", "http://[::1]:8000", True),
        ("https://g.example", "127.0.0.1:8000", "https://g.example", True),
        ("https://g.example", "other.example", "http://other.example", False),
        ("https://g.example", "192.168.1.5:8000", "http://192.168.1.5:8000", False),
        ("https://g.example", "G.Example:443", "https://g.example", True),
        ("http://g.example:8000", "g.example:8000", "http://g.example:8000", True),
        ("http://g.example:8000", "g.example:8000", "http://g.example:8001", False),
        ("http://g.example:8000", "g.example:8000", "http://a@g.example:8000", False),
        ("http://g.example:8000", "g.example:8000", "http://g.example:eight", False),
    ],
)
def test_the_origin_must_be_the_portals(public: str, host: str, origin: str, expected: bool) -> None:  # noqa: FBT001
    with override_settings(
        PUBLIC_URL=public, ALLOWED_HOSTS=["127.0.0.1", "[::1]", "g.example", "other.example", "192.168.1.5"]
    ):
        headers = [(b"host", host.encode()), (b"origin", origin.encode())]
        assert is_own(headers) is expected
        form = RequestFactory(headers={"Host": host, "Origin": origin}).post("/", {"csrfmiddlewaretoken": "c" * 32})
        form.COOKIES[settings.CSRF_COOKIE_NAME] = "c" * 32
        form.scope = {"headers": headers}  # type: ignore[attr-defined]  # what ASGI gives a request
        assert (csrf.objection(form) == "") is expected


def test_two_origins_are_none() -> None:
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost"), (b"origin", b"http://localhost")]
    assert not is_own(headers)
