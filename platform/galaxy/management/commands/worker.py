"""The process for background tasks: a Celery worker on threads, with the scheduler if asked."""

import os
from typing import Any

from celery.beat import EmbeddedService
from celery.signals import worker_ready
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from galaxy.celery import app
from galaxy.configuration import shared_keys
from galaxy.services.supervision import readiness
from galaxy.serving.one_beat import OneBeat


class Command(BaseCommand):
    """`manage.py worker`."""

    help = "Run background tasks, until SIGTERM."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--threads", type=int, default=4)
        parser.add_argument("--beat", action="store_true", help="also schedule tasks; of several workers, one at a time does")

    def handle(self, *, threads: int, beat: bool, **_: Any) -> None:
        """Run on threads, because tasks mostly wait; one that needs a process starts its own."""
        os.environ["CELERY_SKIP_CHECKS"] = "1"  # as above
        shared_keys.check()
        worker_ready.connect(_tell)
        clock = _clock() if beat else None
        app.Worker(
            pool="threads",
            concurrency=threads,
            loglevel=settings.ENVIRONMENT.log_level,
            without_mingle=True,
            without_gossip=True,  # workers need no messages from each other, and gossip fails loudly when the broker restarts
        ).start()
        if clock:
            clock.stop()


def _clock() -> Any:
    """Start Celery's beat as a thread: as a process it would load a second copy of everything."""
    settings.PLACES.celery.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = EmbeddedService(app, thread=True, scheduler_cls=OneBeat, schedule_filename=settings.CELERY_BEAT_SCHEDULE_FILENAME)
    clock.start()
    return clock


def _tell(**_: Any) -> None:
    readiness.report_and_beat_in_thread()
