"""Readiness and heartbeat: Galaxy's own processes report both to the supervisor as bytes through a pipe."""

import asyncio
import os
import threading
import time

VARIABLE = "GALAXY_READY_FD"
BEAT_SECONDS = 2.0  # several of them fit between two checks of the keeper


def report_and_beat(loop: asyncio.AbstractEventLoop) -> None:
    """Report readiness, then heartbeats while this loop runs. Does nothing in a process without a supervisor."""
    number = _take()
    if number >= 0:
        _beat_on(loop, number)


def report_and_beat_in_thread() -> None:
    """Report from a thread, for a process without a dependable loop: Celery's blocks while its broker is away."""
    number = _take()
    if number >= 0:
        threading.Thread(target=_beat_forever, args=[number], name="heartbeat", daemon=True).start()


def _take() -> int:
    """Return the end of the pipe once; -1 if there is none."""
    number = int(os.environ.pop(VARIABLE, "-1"))
    if number >= 0:
        os.set_inheritable(number, False)
        os.set_blocking(number, False)  # the supervisor may be the one that is frozen
    return number


def _beat_on(loop: asyncio.AbstractEventLoop, number: int) -> None:
    _beat(number)
    loop.call_later(BEAT_SECONDS, _beat_on, loop, number)


def _beat_forever(number: int) -> None:
    while True:
        _beat(number)
        time.sleep(BEAT_SECONDS)


def _beat(number: int) -> None:
    try:
        os.write(number, b"\n")
    except (BlockingIOError, BrokenPipeError):
        pass  # there is no reader, so no one waits for it
