"""The process that produces answers."""

import asyncio
import signal
from typing import Any

import uvloop
from django.core.management.base import BaseCommand

from chat.runs.runner import serve
from galaxy.configuration import shared_keys
from galaxy.services.supervision import readiness
from galaxy.serving import latency

SETTLED_AFTER = 15.0


class Command(BaseCommand):
    """`manage.py runner`."""

    help = "Produce answers until SIGTERM."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def handle(self, **_: Any) -> None:
        """Run the loop. A signal cancels the work, which then has a few seconds to finish."""
        shared_keys.check()
        latency.take_short_turns()
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
    latency.settle()
    loop.call_later(SETTLED_AFTER, latency.settle)  # again, for modules loaded with the first models
    loop.call_soon(readiness.report_and_beat, loop)
    await work
