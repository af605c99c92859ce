"""A client of the public protocol (docs/protocol.md), as someone outside the project would write it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

FINAL = ("complete", "error")
Frame = dict[str, Any]

# What a browser sends when the button on the page of a sign-in link is pressed, as arguments of httpx.
_CSRF = "c" * 32
BUTTON: dict[str, Any] = {"data": {"csrfmiddlewaretoken": _CSRF}, "headers": {"Cookie": f"galaxy_csrf={_CSRF}"}}


class Socket:
    """One open socket. Frames of runs are kept by run; the others are answered in order. Notices are passed over."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, action: str, payload: Frame | None = None, *, request_id: str | None = None) -> str:
        """Send an action; gives its request id."""
        request_id = request_id or str(uuid.uuid4())
        await self.connection.send(json.dumps({"action": action, "request_id": request_id, "payload": payload or {}}))
        return request_id

    async def receive(self, seconds: float = 20, *, with_notices: bool = False) -> Frame:
        """The next frame."""
        async with asyncio.timeout(seconds):  # `wait_for` of Python 3.11 may swallow a cancellation
            while True:
                frame: Frame = json.loads(await self.connection.recv())
                if with_notices or frame["status"] != "notice":
                    return frame

    async def ask(self, text: str, **payload: Any) -> Frame:
        """Ask, and give the `accepted` frame. Raises AssertionError for any other answer."""
        request_id = await self.send("chat", {"text": text, **payload})
        while (frame := await self.receive())["request_id"] != request_id:
            pass  # other runs of this socket go on
        assert frame["status"] == "accepted", frame
        return frame

    async def until_end(self, run_id: str, seconds: float = 60) -> list[Frame]:
        """The frames of the run up to its last."""
        frames: list[Frame] = []
        async with asyncio.timeout(seconds):
            while not frames or frames[-1]["status"] not in FINAL:
                frame = await self.receive(seconds)
                if frame.get("run_id") == run_id and "seq" in frame:
                    frames.append(frame)
        return frames

    async def until_refused(self, run_id: str, seconds: float) -> list[Frame]:
        """The frames of the run up to the one that says that no more of it comes."""
        frames: list[Frame] = []
        async with asyncio.timeout(seconds):
            while not frames or frames[-1]["status"] != "error":
                frame = await self.receive(seconds)
                if frame.get("run_id") == run_id:
                    frames.append(frame)
        return frames

    async def until_closed(self, within: float = 2) -> int:
        """The code with which it is closed; whatever comes before, as the end of an answer may, is passed over."""
        async with asyncio.timeout(within):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed:
                return self.connection.close_code or 0


class Client:
    """A signed-in client: sockets and REST with one session."""

    def __init__(self, base_url: str, cookie: str) -> None:
        self.base_url = base_url
        self.headers = {
            "Cookie": f"galaxy_session={cookie}; galaxy_csrf={'c' * 32}",
            "X-CSRFToken": "c" * 32,
            "Origin": base_url,
        }

    @classmethod
    def with_token(cls, base_url: str, token: str) -> "Client":
        """A program's client, which shows a token and no cookie."""
        client = cls(base_url, "")
        client.headers = {"Authorization": f"Bearer {token}"}
        return client

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """An open socket."""
        async with connect(self._ws_url, additional_headers=self.headers, max_size=None) as connection:
            yield Socket(connection)

    @property
    def _ws_url(self) -> str:
        return self.base_url.replace("http", "ws", 1) + "/ws/chat"

    def rest(self) -> httpx.AsyncClient:
        """The REST door."""
        return httpx.AsyncClient(
            base_url=self.base_url, headers=self.headers, timeout=20, verify=False
        )  # nothing is encrypted: spares 30 ms of reading certificates

    async def events(self, run_id: str, *, last_event_id: int = 0) -> list[Frame]:
        """All frames of a run over server-sent events, until it ends."""
        headers = {"Last-Event-ID": str(last_event_id)} if last_event_id else {}
        address = f"/api/runs/{run_id}/events"
        async with self.rest() as rest, rest.stream("GET", address, headers=headers, timeout=60) as response:
            assert response.status_code == httpx.codes.OK, response.status_code
            return [json.loads(line[6:]) async for line in response.aiter_lines() if line.startswith("data: ")]

    async def insist(self, run_id: str, *, after: int = 0, cut: Any = None, seconds: float = 90) -> list[Frame]:
        """Follow a run to its end over as many sockets as it takes, each resumed after the last frame seen.

        `cut` says after how many frames of one socket to drop it (a callable), so that a test can cut at will.
        """
        frames: list[Frame] = []
        async with asyncio.timeout(seconds):
            while not frames or frames[-1]["status"] not in FINAL:
                try:
                    async with self.socket() as socket:
                        seen = frames[-1]["seq"] if frames else after
                        await socket.send("resume", {"run_id": run_id, "after": seen})
                        await self._read(socket, run_id, frames, cut() if cut else None)
                except (OSError, ConnectionClosed, httpx.HTTPError):
                    await asyncio.sleep(0.1)
        return frames

    @staticmethod
    async def _read(socket: Socket, run_id: str, frames: list[Frame], most: int | None) -> None:
        taken = 0
        while most is None or taken < most:
            frame = await socket.receive(30)
            if frame.get("run_id") != run_id or "seq" not in frame:
                continue
            frames.append(frame)
            taken += 1
            if frame["status"] in FINAL:
                return
        socket.connection.transport.abort()


def text_of(frames: list[Frame]) -> str:
    """The text of a run's frames."""
    chunks = [frame["chunk"] for frame in frames if frame["status"] == "chunk"]
    return "".join(chunk["data"] for chunk in chunks if chunk["type"] == "text")


def numbers(frames: list[Frame]) -> list[int]:
    """The numbers of the frames."""
    return [frame["seq"] for frame in frames]


def bare(frames: list[Frame]) -> list[Frame]:
    """The frames without the member that is each client's own."""
    return [{name: value for name, value in frame.items() if name != "request_id"} for frame in frames]
