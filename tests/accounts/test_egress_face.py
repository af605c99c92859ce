"""The public face: one client a loop, with the settings' list, closed on request; and TLS by name to a checked address."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from accounts import egress
from accounts.egress import allow_list
from accounts.egress.connector import GuardedConnector
from accounts.egress.guard import Guard
from accounts.egress.transport import GuardedTransport, guarded_transport
from tests.accounts.site import OWN, WORLD, Names, Site, a_client, a_site

LIMITS: dict[str, Any] = {"most_bytes": 1000, "seconds": 5.0}


@pytest.fixture
async def closed() -> Any:
    yield
    await egress.close()


@pytest.mark.usefixtures("closed")
async def test_by_default_nothing_of_the_own_network_is_called() -> None:
    async with a_site(OWN) as own:
        with pytest.raises(egress.Forbidden):
            await egress.fetch(own.says("/"), **LIMITS)
        with pytest.raises(egress.Forbidden):
            async with egress.stream(own.url, **LIMITS):
                pass
        assert own.asked == []
        assert (await egress.fetch(own.url + "/", by_operator=True, **LIMITS)).status == 200


@pytest.mark.usefixtures("closed")
async def test_the_settings_list_opens_it(settings: Settings) -> None:
    async with a_site(OWN) as own:
        settings.EGRESS_ALLOW = allow_list.parse(f"{OWN}:{own.port}")
        own.says("/", b"open")
        async with egress.stream(own.url + "/", **LIMITS) as incoming:
            assert [piece async for piece in incoming.pieces()] == [b"open"]
        async with aiohttp.ClientSession(connector=egress.guarded_connector()) as session:
            assert (await session.get(own.url + "/")).status == 200
        async with httpx.AsyncClient(transport=guarded_transport()) as client:
            assert (await client.get(own.url + "/")).status_code == 200


async def test_other_clients_are_closed_by_default_and_open_where_the_operator_configured() -> None:
    async with a_site(OWN) as own:
        own.says("/")
        for configured in ([], [own.url]):
            async with (
                aiohttp.ClientSession(connector=egress.guarded_connector(by_operator=configured)) as session,
                httpx.AsyncClient(transport=guarded_transport(by_operator=configured)) as client,
            ):
                for get in (session.get, client.get):
                    if configured:
                        await get(own.url + "/")
                    else:
                        with pytest.raises(egress.Forbidden):
                            await get(own.url + "/")
    assert len(own.asked) == 2


def test_code_without_a_loop_calls_too(site_of_a_thread: Site) -> None:
    for _ in range(2):
        assert egress.fetch_now(site_of_a_thread.says("/", b"here"), by_operator=True, **LIMITS).body == b"here"


@pytest.fixture
def site_of_a_thread() -> Iterator[Site]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    serving = a_site(OWN)
    yield asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(5)
    asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


# --- TLS ---


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of secure.test, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "secure.pem"
    kind, style = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(made.public_bytes(kind) + key.private_bytes(kind, style, serialization.NoEncryption()))
    return file


async def test_tls_is_by_name_although_the_connection_is_by_address(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    guard = Guard(allow_list.parse(WORLD), resolve=Names(secure=[[WORLD]], other=[[WORLD]]))
    async with _secure_site(certificate) as site:
        site.says("/")
        secure, other = (f"https://{name}.test:{site.port}/" for name in ("secure", "other"))
        async with aiohttp.ClientSession(connector=GuardedConnector(guard)) as session:
            context = ssl.create_default_context()
            assert (await session.get(secure, ssl=context)).status == 200
            with pytest.raises(aiohttp.ClientSSLError):
                await session.get(other, ssl=context)
        async with httpx.AsyncClient(transport=GuardedTransport(guard)) as client:
            assert (await client.get(secure)).status_code == 200
            with pytest.raises(httpx.ConnectError):
                await client.get(other)


async def test_a_site_that_cannot_prove_who_it_is(certificate: Path) -> None:
    async with _secure_site(certificate) as site, a_client(names=Names(secure=[[WORLD]])) as client:
        with pytest.raises(egress.Unreachable, match="prove"):
            await client.fetch(f"https://secure.test:{site.port}/", **LIMITS)


def _secure_site(certificate: Path) -> Any:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return a_site(tls=context)
