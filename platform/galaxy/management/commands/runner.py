"""The process that makes the answers."""

import asyncio
import gc
import signal
import sys
from typing import Any

import uvloop
from django.core.management.base import BaseCommand

from chat.runner import serve
from galaxy.services import readiness

SETTLED_AFTER = 15.0
# How long a database thread may keep the event loop waiting, s. By Python's own 5 ms, each batch of rows shows in the delays.
TURN = 0.0005


class Command(BaseCommand):
    """`manage.py runner`."""

    help = "Make answers, until SIGTERM."

    def handle(self, **_: Any) -> None:
        """Run the loop; a signal cancels the work, which then has a few seconds to come to an end."""
        sys.setswitchinterval(TURN)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_until_signal())
        except asyncio.CancelledError:
            pass


async def _until_signal() -> None:
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(serve())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    _freeze()
    loop.call_later(SETTLED_AFTER, _freeze)  # again, for what is loaded with the first models
    loop.call_soon(readiness.tell_and_beat, loop)
    await work


def _freeze() -> None:
    """What is loaded by now stays: no collection need look at it again."""
    gc.collect()
    gc.freeze()
