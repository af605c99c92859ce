"""`make run` on one machine: starts every part in order, keeps them running, and stops all of them.

The order is services, preparation, Galaxy's own processes; stopping reverses it. Output here is for people; the parts' output
goes to their log files.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from galaxy.configuration.paths import Places
from galaxy.services.supervision import roster
from galaxy.services.supervision.keeper import GaveUpError, Keeper
from galaxy.services.supervision.log import BoundedLog
from galaxy.services.supervision.part import CannotStartError, Part

READY_WITHIN = 90.0


def say(text: str) -> None:
    """Print a line for people who watch; there may be none."""
    with suppress(OSError):
        print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)  # noqa: T201  this is the console


class Supervisor:
    """The parts of one installation, in one event loop."""

    def __init__(self, places: Places, url: str, *, drain_seconds: float) -> None:
        self.places, self.url, self._drain_seconds = places, url, drain_seconds
        self.keepers: list[Keeper] = []
        self._floors: list[list[Keeper]] = []
        self._tasks: dict[Keeper, asyncio.Task[None]] = {}
        self._stopping, self._hurry = asyncio.Event(), asyncio.Event()
        self._missed: set[Keeper] = set()  # those that gave up and are not vital
        self._ready = False

    async def run(self, start: Coroutine[Any, Any, None]) -> int:
        """Run `start`, then watch until asked to stop or a part gives up; return the exit code."""
        self._heed_signals()
        starting = asyncio.create_task(start)
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            return await self._watch(starting, stopping)
        finally:
            starting.cancel()
            stopping.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await self._stop()

    async def begin(self, parts: list[Part]) -> None:
        """Start these parts together, and wait until each that is vital is ready."""
        floor = [self._keeper(part) for part in parts]
        self._floors.append(floor)
        self.keepers += floor
        for keeper in floor:
            self._tasks[keeper] = asyncio.create_task(keeper.keep())
        for keeper in floor:
            if keeper.part.is_vital:
                await keeper.ready.wait()

    async def until(self, works: Callable[[], Coroutine[Any, Any, str]]) -> None:
        """Wait until the portal is ready. Raises CannotStartError with what it still lacked."""
        until, missing = time.monotonic() + READY_WITHIN, "no answer"
        while time.monotonic() < until:
            with suppress(OSError):
                missing = await asyncio.wait_for(works(), 5)
                if not missing:
                    self._ready = True
                    self._note()
                    return
            await asyncio.sleep(0.1)
        raise CannotStartError(f"Galaxy did not become ready within {READY_WITHIN:.0f} s: {missing}. See {self.places.logs}.")

    async def _watch(self, starting: "asyncio.Task[None]", stopping: "asyncio.Task[Any]") -> int:
        """Wait for the end; a part's keeper only ends by giving up."""
        while True:
            pending = {task for task in (starting, *self._tasks.values()) if not task.done()} | {stopping}
            # A group started meanwhile is picked up in the next round.
            await asyncio.wait(pending, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                return 0
            if failure := _failure([starting, *(task for keeper, task in self._tasks.items() if keeper.part.is_vital)]):
                return _report(failure)
            self._do_without()

    def _do_without(self) -> None:
        """Say which parts gave up that Galaxy can do without, once each."""
        for keeper, task in list(self._tasks.items()):
            if not keeper.part.is_vital and keeper not in self._missed and task.done() and (failure := task.exception()):
                self._missed.add(keeper)
                _report(failure)

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # as set by `nohup`
                loop.add_signal_handler(number, self._heed)

    @staticmethod
    def _heed_no_more() -> None:
        """Ignore signals: nothing is left to stop, and an impatient one must not look like a failure."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    def _heed(self) -> None:
        if self._stopping.is_set():
            say("Stopping at once.")
            self._hurry.set()
            for keeper in self.keepers:
                keeper.hurry.set()
        self._stopping.set()

    async def _stop(self) -> None:
        self._stopping.set()
        if self._floors:
            say("Stopping. Press Ctrl-C again to stop at once.")
        await self._drain()
        for floor in reversed(self._floors):
            for keeper in floor:
                keeper.stop()
            await asyncio.gather(*(self._tasks[keeper] for keeper in floor), return_exceptions=True)
        self._ready = False
        self._note()
        self._heed_no_more()
        if self._floors:
            say("Stopped.")

    async def _drain(self) -> None:
        """Announce the stop to processes behind a load balancer, then give it time to notice."""
        told = [keeper for keeper in self.keepers if keeper.drain()]
        if told:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self._drain_seconds)

    def _keeper(self, part: Part) -> Keeper:
        log = BoundedLog(self.places.logs, part.name)
        return Keeper(part, log, say=say, changed=self._note)

    def _note(self) -> None:
        roster.write(self.places.parts, self.url, self.keepers, ready=self._ready)


def _failure(tasks: "list[asyncio.Task[None]]") -> BaseException | None:
    return next((error for task in tasks if task.done() and (error := task.exception())), None)


def _report(failure: BaseException) -> int:
    """Say why Galaxy stops. An unforeseen failure is raised."""
    if isinstance(failure, GaveUpError):
        say(f"{failure} Its last lines:")
        for line in failure.last_lines:
            sys.stdout.write(f"          {line}\n")
        say(f"The whole log: {failure.file}")
    elif isinstance(failure, CannotStartError):
        say(str(failure))
    else:
        raise failure
    return 1
