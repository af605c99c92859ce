"""Providers behind the proxy that the environment names; one's own network is asked directly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from chat.providers import own_network, sessions
from chat.providers.base import ModelConfig, ProviderError, Request, TextDelta, Turn
from chat.providers.routing import provider_for
from tests.ports import free_port
from tests.providers.server import serving


@asynccontextmanager
async def proxy(asked: list[str], to: int) -> AsyncIterator[str]:
    """A proxy that notes what it is asked for, refuses tunnels, and passes all else to one port of this machine."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b"\r\n")[0].decode().rpartition(" ")[0])
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        onward, back = await asyncio.open_connection("127.0.0.1", to)
        method, address, version = head.split(b"\r\n")[0].split(b" ")
        path = b"/" + address.split(b"/", 3)[3]
        back.write(b" ".join([method, path, version]) + b"\r\n" + head.split(b"\r\n", 1)[1])
        await asyncio.gather(_pass(reader, back), _pass(onward, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await sessions.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def said(provider: str, base_url: str) -> str:
    request = Request(
        ModelConfig("Test model", provider, "stand-in-small", base_url, "key"), [Turn.said("user", "[[text=Hello]]")]
    )
    async with aclosing(provider_for(request.model).stream(request)) as events:
        return "".join([event.text async for event in events if isinstance(event, TextDelta)])


async def test_providers_are_asked_by_the_proxy_and_local_servers_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    async with serving() as stand_in, proxy(asked, stand_in.port) as url:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("no_proxy", "spared.example")
        monkeypatch.setenv("NO_PROXY", "spared.example")
        assert await said("vllm", stand_in.openai_url) == "Hello"
        assert await said("anthropic", f"{stand_in.url}/v1") == "Hello"
        assert asked == []
        assert await said("vllm", "http://models.example/v1") == "Hello"
        assert asked == ["POST http://models.example/v1/chat/completions"]
        for address in ("https://models.example/v1", "https://models.example:8443/v1"):
            with pytest.raises(ProviderError):
                await said("vllm", address)
        assert asked[1:] == ["CONNECT models.example:443", "CONNECT models.example:8443"]
        with pytest.raises(ProviderError):
            await said("vllm", f"http://spared.example:{free_port()}/v1")
        assert len(asked) == 3


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.1.4", True),
        ("fd00::1", True),
        ("localhost", True),
        ("ollama", True),
        ("nas.local", True),
        ("NAS.LAN.", True),
        ("api.openai.com", False),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
    ],
)
def test_what_counts_as_ones_own_network(host: str, local: bool) -> None:  # noqa: FBT001
    assert own_network.is_local(host) is local
