"""The process that turns texts into vectors."""

import logging.config
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from galaxy.services.embedder import process
from galaxy.services.supervision.part import CannotStartError


class Command(BaseCommand):
    """`manage.py embedder`."""

    help = "Embed texts for the other processes until SIGTERM."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        """Serve until stopped. It needs none of the apps, so none is loaded."""
        logging.config.dictConfig(settings.LOGGING)
        try:
            process.run(settings.ENVIRONMENT, settings.PLACES)
        except CannotStartError as error:
            raise CommandError(str(error)) from error
