"""How one of Galaxy's own processes tells the supervisor that it serves, and that it still does: bytes through a pipe."""

import asyncio
import os
import threading
import time

VARIABLE = "GALAXY_READY_FD"
BEAT_SECONDS = 2.0  # several of them fit into each look of the keeper


def tell_and_beat(loop: asyncio.AbstractEventLoop) -> None:
    """Tell it, and from then on that this loop turns. Does nothing for a process that nobody supervises."""
    number = _take()
    if number >= 0:
        _beat_on(loop, number)


def tell_and_beat_in_thread() -> None:
    """The same for a process without a loop of its own to count on: Celery's waits for its broker as long as that is away."""
    number = _take()
    if number >= 0:
        threading.Thread(target=_beat_for_ever, args=[number], name="heartbeat", daemon=True).start()


def _take() -> int:
    """The end of the pipe, once; -1 where there is none."""
    number = int(os.environ.pop(VARIABLE, "-1"))
    if number >= 0:
        os.set_inheritable(number, False)
        os.set_blocking(number, False)  # the supervisor may be the one that is frozen
    return number


def _beat_on(loop: asyncio.AbstractEventLoop, number: int) -> None:
    _beat(number)
    loop.call_later(BEAT_SECONDS, _beat_on, loop, number)


def _beat_for_ever(number: int) -> None:
    while True:
        _beat(number)
        time.sleep(BEAT_SECONDS)


def _beat(number: int) -> None:
    try:
        os.write(number, b"\n")
    except (BlockingIOError, BrokenPipeError):
        pass  # nobody reads: then nobody waits for it either
