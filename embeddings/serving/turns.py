"""Order of work: requests wait in two bounded queues, and queries go before passages.

A list of passages is computed a batch at a time, so that a query waits for one batch at most.
"""

import asyncio
from collections import deque
from typing import Protocol

from embeddings.errors import EmbedderBusy
from embeddings.vectors import Kind

MOST_WAITING: dict[Kind, int] = {"query": 256, "passage": 1024}  # texts
BUSY = "Too many texts wait to be embedded. Try again in a moment."


class Work(Protocol):
    """The work of one request."""

    @property
    def size(self) -> int:
        """Return the number of its texts."""

    async def step(self) -> bool:
        """Do a part of the work; return whether all of it is done."""


class Turns:
    """The queues of one model, and the task that serves them while work is waiting."""

    def __init__(self) -> None:
        self._lines: dict[Kind, deque[_Waiting]] = {"query": deque(), "passage": deque()}
        self._serving: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Return the number of texts in both queues, those being computed included."""
        return sum(map(self._size, self._lines))

    async def done(self, kind: Kind, work: Work) -> None:
        """Wait in the queue until the work is done; cancelling leaves it. Raises EmbedderBusy if it is full."""
        if self._size(kind) + work.size > MOST_WAITING[kind]:
            raise EmbedderBusy(BUSY)
        waiting = _Waiting(work)
        self._lines[kind].append(waiting)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        await waiting.end  # work whose future is cancelled is skipped

    def _size(self, kind: Kind) -> int:
        return sum(each.work.size for each in self._lines[kind] if not each.end.done())

    async def _serve(self) -> None:
        while line := next((line for line in self._lines.values() if line), None):
            waiting = line[0]
            is_over = waiting.end.done() or await waiting.has_ended()
            line.popleft()  # it is still the first: new work was queued behind it
            if not is_over:
                line.append(waiting)  # the others in its queue have their turn first


class _Waiting:
    """Queued work, and the future of its caller."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def has_ended(self) -> bool:
        """Do a step. Its exceptions go to the caller."""
        step = asyncio.ensure_future(self.work.step())
        await asyncio.wait({step})
        if self.end.done():
            return True
        if error := step.exception():
            self.end.set_exception(error)
        elif step.result():
            self.end.set_result(None)
        return self.end.done()
