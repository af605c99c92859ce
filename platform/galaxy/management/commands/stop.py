"""Stops the Galaxy that `up` runs on this data folder."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from galaxy.services.supervision import lock

WITHIN = 20.0


class Command(BaseCommand):
    """`manage.py stop`."""

    help = "Stop the Galaxy that runs on this data folder, and wait for its end."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        """Ask it to stop. A Galaxy that does not run is not an error."""
        file = settings.PLACES.lock
        try:
            asked = _end(file)
        except PermissionError:
            raise CommandError(f"{file.parent} belongs to another user. Stop Galaxy as that user.") from None
        except TimeoutError:
            raise CommandError(f"Galaxy (process {lock.holder(file)}) is still stopping.") from None
        self.stdout.write("Stopped." if asked else "Galaxy does not run.")


def _end(file: Path) -> int:
    """Signal the holder of the lock to stop and wait for it; return its pid, or 0 if no process holds the lock."""
    asked, until = 0, time.monotonic() + WITHIN
    while lock.is_held(file):
        if not asked and (asked := lock.holder(file)):
            os.kill(asked, signal.SIGTERM)
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.1)
    return asked
