"""Redirects: each is checked as the first address was, and takes no credentials to another site."""

from typing import Any

import pytest
from multidict import CIMultiDict
from yarl import URL

from accounts.egress import redirects
from accounts.egress.errors import BadAddress, BadHeader, Forbidden, TooManyRedirects
from accounts.egress.redirects import Hop
from tests.accounts.site import OWN, a_client, a_site

LIMITS: dict[str, Any] = {"most_bytes": 1000, "seconds": 5.0}
KEYS = {"Authorization": "Bearer k", "Cookie": "c=k", "X-API-Key": "k"}


async def test_a_redirect_is_followed() -> None:
    async with a_site() as site, a_client() as client:
        site.sends_on("/old", "new?x=1#part")
        site.says("/new", b"here")
        answer = await client.fetch(site.url + "/old", **LIMITS)
    assert (answer.body, answer.url) == (b"here", site.url + "/new?x=1")


async def test_a_redirect_into_the_own_network_is_not_followed() -> None:
    async with a_site() as site, a_site(OWN) as own, a_client() as client:
        with pytest.raises(Forbidden):
            await client.fetch(site.sends_on("/", own.url + "/"), **LIMITS)
    assert own.asked == []


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "gopher://example.org/", "http://u:p@example.org/", "http://127.1/", "ht\ttp://x/"]
)
async def test_a_redirect_to_no_address_that_can_be_called(to: str) -> None:
    async with a_site() as site, a_client() as client:
        with pytest.raises(BadAddress):
            await client.fetch(site.sends_on("/", to), **LIMITS)


async def test_a_circle_ends_after_three() -> None:
    async with a_site() as site, a_client() as client:
        with pytest.raises(TooManyRedirects):
            await client.fetch(site.sends_on("/", "/"), **LIMITS)
    assert len(site.asked) == 4


async def test_without_redirects_the_first_answer_is_given() -> None:
    async with a_site() as site, a_client() as client:
        answer = await client.fetch(site.sends_on("/", "/new"), redirects=0, **LIMITS)
    assert (answer.status, answer.headers["Location"]) == (302, "/new")


async def test_a_redirect_without_a_place_is_an_answer() -> None:
    async with a_site() as site, a_client() as client:
        assert (await client.fetch(site.says("/", status=302), **LIMITS)).status == 302


async def test_credentials_stay_with_their_site() -> None:
    async with a_site() as site, a_site() as other, a_client() as client:
        site.sends_on("/within", "/on")
        site.sends_on("/on", other.url + "/")
        other.says("/", Set_Cookie="a=b")
        await client.fetch(site.url + "/within", headers=KEYS | {"Accept": "text/html"}, **LIMITS)
        await client.fetch(other.url + "/", **LIMITS)
    within, on = site.asked
    assert within.headers["authorization"] == on.headers["authorization"] == "Bearer k"
    assert on.headers["x-api-key"] == "k"
    assert not {"authorization", "cookie", "x-api-key"} & set(other.asked[0].headers)
    assert other.asked[0].headers["accept"] == "text/html"
    assert "cookie" not in other.asked[1].headers  # no cookie is kept


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "POST", ("GET", b"")),
        (302, "POST", ("GET", b"")),
        (303, "POST", ("GET", b"")),
        (303, "PUT", ("GET", b"")),
        (301, "PUT", ("PUT", b"body")),
        (307, "POST", ("POST", b"body")),
        (308, "POST", ("POST", b"body")),
    ],
)
async def test_method_and_body_follow_the_standard(status: int, method: str, expected: tuple[str, bytes]) -> None:
    async with a_site() as site, a_client() as client:
        site.sends_on("/", "/new", status=status)
        headers = {"Content-Type": "text/plain"}
        await client.fetch(site.url + "/", method=method, body=b"body", headers=headers, **LIMITS)
    asked = site.asked[1]
    assert (asked.method, asked.body) == expected
    assert (asked.headers.get("content-type") == "text/plain") is bool(expected[1])


async def test_head_stays_head() -> None:
    async with a_site() as site, a_client() as client:
        site.sends_on("/", "/new", status=303)
        await client.fetch(site.url + "/", method="HEAD", **LIMITS)
    assert [asked.method for asked in site.asked] == ["HEAD", "HEAD"]


def test_encryption_is_not_given_up_on_the_way() -> None:
    hop = Hop("GET", URL("https://example.org/"), CIMultiDict(), None)
    with pytest.raises(Forbidden, match="without encryption"):
        redirects.after(hop, 302, "http://example.org/")
    assert redirects.after(hop, 302, "//other.example/") == Hop("GET", URL("https://other.example/"), CIMultiDict(), None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "own.test"), ("content-length", "1"), ("X", "a\r\nY: b"), ("X\n", "a"), ("Transfer-Encoding", "x")],
)
async def test_headers_that_callers_may_not_set(name: str, value: str) -> None:
    async with a_site() as site, a_client() as client:
        with pytest.raises(BadHeader):
            await client.fetch(site.url + "/", headers={name: value}, **LIMITS)
    assert site.asked == []
