"""The process for background tasks: a Celery worker on threads, with the clock beside it when asked."""

import os
from typing import Any

from celery.beat import EmbeddedService
from celery.signals import worker_ready
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from galaxy import shared_keys
from galaxy.celery import app
from galaxy.one_beat import OneBeat
from galaxy.services import readiness


class Command(BaseCommand):
    """`manage.py worker`."""

    help = "Run background tasks, until SIGTERM."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """How many at once, and whether this one keeps the time."""
        parser.add_argument("--threads", type=int, default=4)
        parser.add_argument(
            "--beat", action="store_true", help="also keep the time of scheduled tasks; of several, one at a time does"
        )

    def handle(self, *, threads: int, beat: bool, **_: Any) -> None:
        """Run. Threads, since a task mostly waits; what needs a process of its own starts one."""
        os.environ["CELERY_SKIP_CHECKS"] = "1"  # as above
        shared_keys.check()
        worker_ready.connect(_tell)
        clock = _clock() if beat else None
        app.Worker(
            pool="threads",
            concurrency=threads,
            loglevel=settings.ENVIRONMENT.log_level,
            without_mingle=True,
            without_gossip=True,  # workers have nothing to tell each other, and it fails loudly when the broker restarts
        ).start()
        if clock:
            clock.stop()


def _clock() -> Any:
    """Celery's beat as a thread: as a process it would hold a second copy of everything."""
    settings.PLACES.celery.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = EmbeddedService(app, thread=True, scheduler_cls=OneBeat, schedule_filename=settings.CELERY_BEAT_SCHEDULE_FILENAME)
    clock.start()
    return clock


def _tell(**_: Any) -> None:
    readiness.tell_and_beat_in_thread()
