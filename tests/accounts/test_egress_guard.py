"""Connections of the client, and refusals before the first byte. The sites are real, the names are ours."""

import socket
from typing import Any

import aiohttp
import httpx
import pytest

from accounts.egress import allow_list
from accounts.egress.connector import GuardedConnector
from accounts.egress.errors import BadAddress, Forbidden, Unreachable
from accounts.egress.guard import Guard, by_system
from accounts.egress.targets import Place
from accounts.egress.transport import GuardedTransport
from tests.accounts.site import OWN, WORLD, Names, a_client, a_site

LIMITS: dict[str, Any] = {"most_bytes": 1000, "seconds": 5.0}


async def test_a_public_site_is_called() -> None:
    async with a_site() as site, a_client() as client:
        answer = await client.fetch(site.says("/", "Grüße".encode(), Content_Type="text/plain"), **LIMITS)
    assert (answer.status, answer.text, answer.url) == (200, "Grüße", site.url + "/")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "localhost.", "LOCALHOST", "[::ffff:127.0.0.1]", "0.0.0.0", "127.0.0.1.", "①②⑦.⓪.⓪.①"]
)
async def test_this_machine_is_not_called(host: str) -> None:
    names = Names(localhost=[[OWN]], LOCALHOST=[[OWN]])
    async with a_site(OWN) as site, a_client(names=names) as client:
        with pytest.raises(Forbidden) as refused:
            await client.fetch(f"http://{host}:{site.port}/", **LIMITS)
    assert site.asked == []
    assert OWN not in str(refused.value)


async def test_the_systems_own_names_are_checked() -> None:
    assert set(await by_system("localhost", 80)) & {"127.0.0.1", "::1"}
    with pytest.raises(Forbidden):
        await Guard(allow_list.AllowList()).addresses("localhost", 80)


@pytest.mark.parametrize("addresses", [[OWN], [WORLD, OWN], [OWN, WORLD], ["::1", WORLD], ["fe80::1%1"], ["169.254.169.254"]])
async def test_one_private_address_among_those_of_a_name_is_enough_to_refuse(addresses: list[str]) -> None:
    async with a_site() as site, a_client(names=Names(mixed=[addresses])) as client:
        with pytest.raises(Forbidden):
            await client.fetch(f"http://mixed.test:{site.port}/", **LIMITS)
    assert site.asked == []


async def test_a_name_that_becomes_private_between_two_calls_is_refused() -> None:
    names = Names(rebinding=[[WORLD], [OWN]])
    async with a_site() as site, a_site(OWN, site.port) as own, a_client(names=names) as client:
        address = f"http://rebinding.test:{site.port}/"
        site.says("/", Connection="close")
        assert (await client.fetch(address, **LIMITS)).status == 200
        assert names.asked == ["rebinding"]  # asked once, and connected to that answer
        with pytest.raises(Forbidden):
            await client.fetch(address, **LIMITS)
    assert (len(site.asked), len(own.asked)) == (1, 0)


async def test_a_name_that_nobody_has() -> None:
    async with a_client() as client:
        with pytest.raises(Unreachable):
            await client.fetch("http://nobody.test/", **LIMITS)


async def test_a_port_where_nobody_listens() -> None:
    with socket.create_server((WORLD, 0)) as taken:
        port = taken.getsockname()[1]
    async with a_client() as client:
        with pytest.raises(Unreachable) as failed:
            await client.fetch(f"http://{WORLD}:{port}/", **LIMITS)
    assert WORLD not in str(failed.value)


async def test_ports_of_other_protocols_are_not_called_on_public_hosts() -> None:
    with pytest.raises(Forbidden, match="Port 25"):
        await Guard(allow_list.AllowList()).addresses("1.1.1.1", 25)


@pytest.mark.parametrize("allow", ["nas.test", "nas.test:{port}", "127.0.0.0/8", "127.0.0.1:{port}"])
async def test_what_the_operator_allows_is_called(allow: str) -> None:
    async with a_site(OWN) as site, a_client(allow.format(port=site.port), Names(nas=[[OWN]])) as client:
        site.says("/")
        assert (await client.fetch(f"http://nas.test:{site.port}/", **LIMITS)).status == 200


@pytest.mark.parametrize("allow", ["nas.test:1", "127.0.0.1:1", "other.test", "127.0.0.3"])
async def test_what_the_operator_allows_opens_nothing_else(allow: str) -> None:
    async with a_site(OWN) as site, a_client(allow, Names(nas=[[OWN]])) as client:
        with pytest.raises(Forbidden):
            await client.fetch(f"http://nas.test:{site.port}/", **LIMITS)


async def test_a_name_that_the_operator_allowed_does_not_lead_to_the_clouds_keys() -> None:
    guard = Guard(allow_list.parse("nas.test"), resolve=Names(nas=[["169.254.169.254"]]))
    with pytest.raises(Forbidden):
        await guard.addresses("nas.test", 80)


async def test_the_operators_own_address_may_be_anywhere_and_opens_it_to_nobody_else() -> None:
    async with a_site(OWN) as site, a_client() as client:
        site.says("/")
        assert (await client.fetch(site.url + "/", by_operator=True, **LIMITS)).status == 200
        with pytest.raises(Forbidden):  # although a connection to it waits in the pool
            await client.fetch(site.url + "/", **LIMITS)


async def test_the_operators_own_address_sends_on_to_nowhere_private() -> None:
    async with a_site(OWN) as site, a_site(OWN) as other, a_client() as client:
        with pytest.raises(Forbidden):
            await client.fetch(site.sends_on("/", other.url + "/"), by_operator=True, **LIMITS)
    assert other.asked == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_site() as site, a_site(OWN) as proxy, a_client() as client:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        site.says("/")
        assert (await client.fetch(site.url + "/", **LIMITS)).status == 200
        guard = Guard(allow_list.parse(WORLD))
        async with httpx.AsyncClient(transport=GuardedTransport(guard)) as by_httpx:
            assert (await by_httpx.get(site.url + "/")).status_code == 200
    assert proxy.asked == []


# --- The same guard in other clients ---


async def test_aiohttp_with_the_guards_connector_also_checks_what_it_follows_by_itself() -> None:
    guard = Guard(allow_list.parse(WORLD), resolve=Names(inside=[[OWN]]))
    async with a_site() as site, a_site(OWN) as own, aiohttp.ClientSession(connector=GuardedConnector(guard)) as session:
        site.says("/")
        async with session.get(site.url + "/") as answer:
            assert answer.status == 200
        for url in (own.url, f"http://inside.test:{own.port}/", site.sends_on("/on", own.url + "/")):
            with pytest.raises(Forbidden):
                await session.get(url)
        with pytest.raises(Forbidden):
            await session.get(site.url + "/", proxy=own.url)
    assert own.asked == []


async def test_httpx_with_the_guards_transport_also_checks_what_it_follows_by_itself() -> None:
    guard = Guard(allow_list.parse(WORLD), resolve=Names(inside=[[OWN]], mixed=[[WORLD, OWN]], world=[["127.0.0.3", WORLD]]))
    guard = Guard(allow_list.parse(f"{WORLD}, 127.0.0.3"), resolve=guard.resolve)
    async with a_site() as site, a_site(OWN) as own, _httpx(guard) as client:
        site.says("/")
        assert (await client.get(f"http://world.test:{site.port}/")).status_code == 200  # at its second address
        bad = [
            own.url,
            f"http://inside.test:{own.port}/",
            f"http://mixed.test:{own.port}/",
            site.sends_on("/on", own.url + "/"),
        ]
        for url in bad:
            with pytest.raises(Forbidden):
                await client.get(url)
        for url in ("http://127.1/", "http://2130706433/"):
            with pytest.raises(BadAddress):
                await client.get(url)
        with pytest.raises(Forbidden):
            await client.get(f"http://[::ffff:127.0.0.1]:{own.port}/")
    assert own.asked == []


async def test_a_place_that_the_operator_configured_is_open_to_httpx() -> None:
    async with a_site(OWN) as own, _httpx(Guard(allow_list.AllowList(), frozenset([Place.of(OWN, own.port)]))) as client:
        own.says("/")
        assert (await client.get(own.url + "/")).status_code == 200


def _httpx(guard: Guard) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=GuardedTransport(guard), follow_redirects=True, timeout=5)
