"""Sites on this machine that answer as they are told, down to the bytes, and remember what they were asked."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from accounts.egress import allow_list
from accounts.egress.client import Client

# In these tests 127.0.0.2 is the Internet: it is all that the list allows. 127.0.0.1 is the own network.
WORLD, OWN = "127.0.0.2", "127.0.0.1"
Write = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Asked(NamedTuple):
    """One request, with its headers' names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Site:
    """Answers 404 to what it was not told to answer."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.host, self.port = "", 0
        self._answers: dict[str, Write] = {}

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def says(self, path: str, body: bytes = b"", *, status: int = 200, **headers: str) -> str:
        """Tell it an answer; gives the address."""
        lines = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        head = f"HTTP/1.1 {status} Said\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"

        async def write(writer: asyncio.StreamWriter) -> None:
            writer.write(head.encode() + body)
            await writer.drain()

        return self.does(path, write)

    def sends_on(self, path: str, to: str, *, status: int = 302) -> str:
        """Tell it to redirect; gives the address."""
        return self.says(path, status=status, Location=to)

    def does(self, path: str, write: Write) -> str:
        """Tell it an answer in bytes; gives the address."""
        self._answers[path] = write
        return self.url + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                asked = await self._read(reader)
                self.asked.append(asked)
                answer = self._answers.get(asked.path.partition("?")[0])
                if answer is None:
                    self.says(asked.path, status=404)
                    answer = self._answers.pop(asked.path)
                await answer(writer)
        writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> Asked:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Asked(method, path, headers, body)


@asynccontextmanager
async def a_site(host: str = WORLD, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """A site that listens there."""
    site = Site()
    server = await asyncio.start_server(site.serve, host, port, ssl=tls)
    site.host, site.port = server.sockets[0].getsockname()[:2]
    try:
        yield site
    finally:
        server.close()


class Names:
    """Names and their addresses; one that has several sets gives each of them once, and the last one from then on."""

    def __init__(self, **addresses: list[list[str]]) -> None:
        self._addresses = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:  # noqa: ARG002
        name = host.partition(".")[0]
        self.asked.append(name)
        if name not in self._addresses:
            raise OSError
        sets = self._addresses[name]
        return sets.pop(0) if len(sets) > 1 else sets[0]


@asynccontextmanager
async def a_client(allow: str = f"{WORLD}/32", names: Names | None = None) -> AsyncIterator[Client]:
    """A client that may go to the world, and where the list says."""
    client = Client(allow_list.parse(allow), names or Names())
    try:
        yield client
    finally:
        await client.close()
