"""Runs one part: starts it, waits until it is ready, restarts it when it ends, and stops it on request."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any

from galaxy.services.supervision.child import Child
from galaxy.services.supervision.log import BoundedLog
from galaxy.services.supervision.part import NotReadyError, Part

SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
MOST_IN_VAIN = 5  # consecutive starts that never became ready; more are not an accident
ANSWER_WITHIN, MOST_SILENCES = 5.0, 3
PASSES_WITHIN = 5.0
STEP = 0.05
HURRIED = 1.0


class GaveUpError(Exception):
    """A part does not become ready."""

    def __init__(self, part: Part, reason: str, log: BoundedLog) -> None:
        then = "so Galaxy stops" if part.is_vital else "and Galaxy goes on without it"
        super().__init__(f"{part.name} {reason}. It failed to become ready {MOST_IN_VAIN} times in a row, {then}.")
        self.last_lines = log.last_lines()
        self.file = log.file


class Keeper:
    """The life of one part. `child` is its current process."""

    def __init__(
        self,
        part: Part,
        log: BoundedLog,
        *,
        say: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self.part, self.log = part, log
        self.child: Child | None = None
        self.state, self.restarts = "new", -1
        self.ready = asyncio.Event()
        self.hurry = asyncio.Event()
        self._stopping = asyncio.Event()
        self._say, self._changed = say, changed
        self._vain = 0  # consecutive starts that never became ready

    async def keep(self) -> None:
        """Run until `stop`. Raises GaveUpError if the part ends again and again."""
        while not self._stopping.is_set():
            began = time.monotonic()
            self.restarts += 1
            reason = await self._live()
            self._enter("stopped")
            if self._stopping.is_set():
                break
            if self._passes(began):
                await self._pause(0.25)
                continue
            await self._pause(self._count(reason))

    def stop(self) -> None:
        """Ask it to stop; `keep` returns when it has."""
        self._stopping.set()

    def drain(self) -> bool:
        """Announce to it that it will be stopped; return False if there is nothing to announce."""
        if self.part.drain_signal is None or self.child is None or self.state != "ready":
            return False
        self.child.send(self.part.drain_signal)
        return True

    async def _live(self) -> str:
        """Run the process once; say how it ended."""
        self.log.forget()
        try:
            self.part.before()
            child = self.child = await Child.start(self.part, self.log)
        except OSError as error:
            return f"cannot be started ({error})"
        self._enter("starting")
        try:
            return await self._watch(child)
        finally:
            child.kill()  # everything it left behind in its session
            child.close()
            self.child = None

    async def _watch(self, child: Child) -> str:
        """Wait until it ends by itself, is stopped, or must be killed; say which."""
        if not await self._becomes_ready(child):
            return await _kill(child, f"did not answer within {self.part.ready_within:.0f} s")
        if await self._hangs(child):
            return await _kill(child, "no longer answers")
        if not child.ended.done():
            await self._end(child)
        return _how_it_ended(child.ended.result())

    async def _becomes_ready(self, child: Child) -> bool:
        until = time.monotonic() + self.part.ready_within
        while not child.ended.done() and not self._stopping.is_set():
            try:
                await asyncio.wait_for((self.part.ready or child.reports_ready)(), 2)
            except (NotReadyError, OSError):  # TimeoutError is an OSError
                if time.monotonic() > until:
                    return False
                await asyncio.sleep(STEP)
            else:
                self._enter("ready")
                self._vain = 0
                self.ready.set()
                break
        return True

    async def _hangs(self, child: Child) -> bool:
        """Wait until it ends or shall stop; return True if it lives but no longer answers."""
        silences, took = 0, 0.0
        while silences < MOST_SILENCES:
            await self._first(child.ended, self._stopping, within=max(0.0, self.part.look_every - took))
            if child.ended.done() or self._stopping.is_set():
                return False
            began = time.monotonic()
            asking = asyncio.create_task(self._answers(child))
            await self._first(asking, self._stopping)  # a stop must not wait for an answer
            silences = 0 if not asking.cancel() and asking.result() else silences + 1
            took = time.monotonic() - began
        return True

    async def _answers(self, child: Child) -> bool:
        try:
            await asyncio.wait_for((self.part.alive or child.beats)(), ANSWER_WITHIN)
        except NotReadyError:
            return True  # it is busy (recovering, full), which a kill would only prolong
        except OSError:  # also TimeoutError
            return False
        return True

    async def _end(self, child: Child) -> None:
        self._enter("stopping")
        child.send(self.part.stop_signal)
        if self.hurry.is_set():
            await self._first(child.ended, None, within=HURRIED)  # enough time for the stores to close their files
        else:
            await self._first(child.ended, self.hurry, within=self.part.stop_within)
        if not child.ended.done():
            child.send(self.part.hurry_signal)
            await self._first(child.ended, None, within=1)
        if not child.ended.done():
            child.kill()
        await child.ended

    @staticmethod
    async def _first(ended: "asyncio.Task[Any]", event: asyncio.Event | None, within: float | None = None) -> None:
        waiting = {asyncio.create_task(event.wait())} if event else set()
        await asyncio.wait({ended, *waiting}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    def _passes(self, began: float) -> bool:
        trouble = self.part.passing_trouble
        return bool(trouble) and time.monotonic() - began < PASSES_WITHIN and trouble in "\n".join(self.log.last_lines())

    def _count(self, reason: str) -> float:
        """Count the failure; return the pause before the next start."""
        if self._vain >= MOST_IN_VAIN:
            raise GaveUpError(self.part, reason, self.log)
        pause: float = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2**self._vain)
        self._vain += 1
        self._say(f"{self.part.name} {reason}. Restarting it in {pause:g} s.")
        return pause

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            pass

    def _enter(self, state: str) -> None:
        if state == "ready" and self.restarts:
            self._say(f"{self.part.name} is back.")
        self.state = state
        self._changed()


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


async def _kill(child: Child, why: str) -> str:
    child.kill()
    await child.ended
    return why
