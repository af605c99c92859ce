"""Stops the Galaxy that `up` runs on this data folder."""

import os
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from galaxy.services import lock

WITHIN = 20.0


class Command(BaseCommand):
    """`manage.py stop`."""

    help = "Stop the Galaxy that runs on this data folder, and wait until it has."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        """Ask it to end; nothing to do is no failure."""
        file = settings.PLACES.lock
        if not lock.is_held(file):
            self.stdout.write("Galaxy does not run.")
            return
        os.kill(int(lock.holder(file)), signal.SIGTERM)
        until = time.monotonic() + WITHIN
        while lock.is_held(file):
            if time.monotonic() > until:
                raise CommandError(f"Galaxy (process {lock.holder(file)}) is still stopping.")
            time.sleep(0.1)
        self.stdout.write("Stopped.")
