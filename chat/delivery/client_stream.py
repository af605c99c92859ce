"""From the hub to one client: frames in their envelope, no faster than the client takes them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from chat.delivery.rendering import Rendering, render_frame
from chat.events import Envelope
from chat.log.lines import Line, is_final

CREDIT_BYTES = 256 * 1024
PATIENCE_SECONDS = 30.0
LOOK_EVERY = 1.0
# What is outstanding is counted in steps of this size: a mark for each frame would be more memory than the frames themselves.
MARK_BYTES = 4096


class Outlet:
    """A socket's way out, shared by all runs that it follows.

    A client that acknowledges is given at most 256 KB more than it has acknowledged. One that never does is held by the
    server's own back-pressure: sending waits while its socket is full. `on_stuck` is called when a client that has something
    coming has taken nothing for 30 s.
    """

    def __init__(self, send: Callable[[str], Awaitable[None]], *, on_stuck: Callable[[], object]) -> None:
        self._send = send
        self._on_stuck = on_stuck
        self._acknowledges = False
        self._sent: dict[UUID, list[tuple[int, int]]] = {}
        self._unacknowledged = 0
        self._progress: asyncio.Event | None = None  # while anyone waits for it
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._progressed_at = 0.0
        self._timer = self._loop.call_later(LOOK_EVERY, self._look)

    async def send(self, text: str) -> None:
        """Send a frame that needs no credit."""
        with self._watched():
            await self._send(text)

    async def send_lines(self, run_id: UUID, envelope: Envelope, lines: list[Line]) -> None:
        """Send events of a run, as fast as the client takes them."""
        with self._watched():
            for line in lines:
                text = envelope.wrap(line.frame).decode()
                if self._acknowledges and self._unacknowledged > CREDIT_BYTES:
                    await self._credit()
                self._count(run_id, line.seq, len(text))
                await self._send(text)
                self._progressed_at = self._loop.time()

    def close(self) -> None:
        """The socket is gone."""
        self._timer.cancel()

    def acknowledge(self, run_id: UUID, seq: int) -> None:
        """The client has taken the run's events up to `seq`."""
        self._acknowledges = True
        sent = self._sent.get(run_id)
        while sent and sent[0][0] <= seq:
            self._unacknowledged -= sent.pop(0)[1]
        self._progressed_at = self._loop.time()
        self._tell_progress()

    def forget(self, run_id: UUID) -> None:
        """Stop following the run; what it has outstanding blocks no other."""
        self._unacknowledged -= sum(size for _, size in self._sent.pop(run_id, ()))
        self._tell_progress()

    def _count(self, run_id: UUID, seq: int, size: int) -> None:
        """Remember what is outstanding; for a client that never acknowledges, no more than decides that it is behind."""
        sent = self._sent.setdefault(run_id, [])
        if sent and sent[-1][1] < MARK_BYTES:
            sent[-1] = seq, sent[-1][1] + size
        else:
            sent.append((seq, size))
        self._unacknowledged += size
        if not self._acknowledges and self._unacknowledged > CREDIT_BYTES:
            self._unacknowledged -= sent.pop(0)[1]

    async def _credit(self) -> None:
        while self._unacknowledged > CREDIT_BYTES:
            self._progress = self._progress or asyncio.Event()
            await self._progress.wait()

    def _tell_progress(self) -> None:
        if self._progress:
            self._progress.set()
            self._progress = None

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """While something is on its way out. A timer of its own for each frame would cost more than the frame."""
        if not self._waiting:
            self._progressed_at = self._loop.time()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def _look(self) -> None:
        if self._waiting and self._loop.time() - self._progressed_at > PATIENCE_SECONDS:
            self._on_stuck()
        else:
            self._timer = self._loop.call_later(LOOK_EVERY, self._look)


class Follower:
    """One client's view of one run. With `render`, the answer's blocks follow as HTML (docs/protocol.md)."""

    def __init__(self, outlet: Outlet, envelope: Envelope, run_id: UUID, *, render: bool) -> None:
        self.renders = render
        self._outlet = outlet
        self._envelope = envelope
        self._run_id = run_id
        self._rendering = Rendering() if render else None
        self._left = False

    def leave(self) -> None:
        """Send nothing more. Besides cancelling its task, for until Python 3.12 `wait_for` may swallow a cancellation."""
        self._left = True

    async def follow(self, source: AsyncIterator[list[Line]], *, after: int = 0) -> None:
        """Send the events beyond `after` until the run ends."""
        try:
            async for lines in source:
                if self._left:
                    return
                fresh = [line for line in lines if line.seq > after or is_final(line.frame)]
                if fresh:
                    await self._outlet.send_lines(self._run_id, self._envelope, fresh)
                for change in await self._rendering.changes_of(lines) if self._rendering else ():
                    await self._outlet.send(render_frame(self._run_id, change).decode())
        finally:
            self._outlet.forget(self._run_id)
