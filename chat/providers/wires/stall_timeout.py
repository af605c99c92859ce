"""Waits for a stream only so long. Each chunk costs two clock readings; one timer per stream is re-armed when it rings."""

import asyncio
import math
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Patience:
    """Calls `on_late` when a wait lasts longer than `first` seconds, or after `settle` longer than `between`.

    Time in which the reader is busy elsewhere, held by a slow log, does not count: only what lies between `waits` and `heard`.
    """

    def __init__(self, *, first: float, between: float) -> None:
        self.late = False
        self._limit, self._between = first, between
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._on_late: Callable[[], object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last: asyncio.TimerHandle | None = None

    def watch(self, on_late: Callable[[], object]) -> Self:
        """For a `with` block: watches in it."""
        self._on_late = on_late
        return self

    def waits(self) -> None:
        """A wait begins. The first began when the question was sent."""
        if self._since == math.inf:
            self._since = self._loop.time()

    def heard(self) -> None:
        """The wait is over."""
        self._since = math.inf

    def settle(self) -> None:
        """The first token is there: from now on the shorter limit holds."""
        self._limit = self._between
        self._arm(self._limit)

    def ends_within(self, seconds: float) -> None:
        """All has come that must: what else there may be is waited for so long at most, whatever comes meanwhile."""
        when = self._loop.time() + seconds
        if self._last is None or when < self._last.when():
            self._forget_last()
            self._last = self._loop.call_at(when, self._give_up)

    def _give_up(self) -> None:
        if self._on_late:
            self._on_late()

    def _forget_last(self) -> None:
        if self._last:
            self._last.cancel()

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._timer = self._loop.call_later(seconds, self._ring)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _ring(self) -> None:
        waited = self._loop.time() - self._since
        if waited < self._limit:
            self._arm(self._limit - max(waited, 0.0))
            return
        self.late = True
        self._give_up()

    def __enter__(self) -> Self:
        self._arm(max(0.0, self._limit - (self._loop.time() - self._since)))
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._disarm()
        self._forget_last()
        self._on_late = None
