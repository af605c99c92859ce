"""Proxies between a browser and Galaxy, as operators set them up by mistake."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HANDSHAKE = re.compile(rb"(?im)^upgrade: *websocket\r$")
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Middleman:
    """Passes connections on to Galaxy's port, but no sockets; with `renames`, under Galaxy's own host name."""

    def __init__(self, port: int, *, renames: bool = False) -> None:
        self.passes_sockets = self.renames = renames
        self.handshakes = 0
        self.port = 0
        self._target = port
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()

    @property
    def url(self) -> str:
        """The address for browsers."""
        return f"http://127.0.0.1:{self.port}"

    def run(self) -> None:
        """Serve until `stop`, in a thread of its own."""
        self._loop.run_until_complete(self._serve())

    def wait(self) -> None:
        """Return when it serves."""
        assert self._started.wait(10)

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stopped.wait()
        server.close()
        self._is_cut = True
        self._abort_all()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()))

    def cut(self) -> None:
        """Break all connections, and take no more until `mend`."""
        self._is_cut = True
        self._loop.call_soon_threadsafe(self._abort_all)

    def mend(self) -> None:
        """Take connections again."""
        self._is_cut = False

    def _abort_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        if self._is_cut:
            self._abort_all()
            return
        head = await reader.read(65536)
        is_handshake = HANDSHAKE.search(head) is not None
        self.handshakes += is_handshake
        if is_handshake and not self.passes_sockets:
            writer.write(REFUSED)
            writer.close()
            return
        from_galaxy, to_galaxy = await asyncio.open_connection("127.0.0.1", self._target)
        self._open.add(to_galaxy)
        to_galaxy.write(self._seen(head))
        with suppress(OSError):
            await asyncio.gather(self._pass(reader, to_galaxy), self._pass(from_galaxy, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(self._seen(data))
            await writer.drain()
        writer.close()

    def _seen(self, data: bytes) -> bytes:
        if not self.renames:
            return data
        return data.replace(b"Host: 127.0.0.1:%d\r" % self.port, b"Host: 127.0.0.1:%d\r" % self._target)


@contextmanager
def middleman(port: int, *, renames: bool = False) -> Iterator[Middleman]:
    """One that serves."""
    made = Middleman(port, renames=renames)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    made.wait()
    yield made
    made.stop()
    thread.join(10)
