"""Runs all of Galaxy on this machine: services, portal, runner, worker, supervised, until stopped."""

import asyncio
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from galaxy.services.installation import Installation
from galaxy.services.keeper import MOST_FAILURES
from galaxy.services.part import CannotStartError


class Command(BaseCommand):
    """`manage.py up`."""

    help = "Run all of Galaxy on this machine, in the foreground. Ctrl-C stops it."
    requires_system_checks: list[str] = []  # `prepare` runs them, once there is a database

    def add_arguments(self, parser: CommandParser) -> None:
        """How patient to be."""
        parser.add_argument(
            "--failures", type=int, default=MOST_FAILURES, help="of a part within a minute, before all is stopped"
        )

    def handle(self, *, failures: int, **_: Any) -> None:
        """Run until stopped; the exit code is 1 when something outside must be changed first."""
        installation = Installation(settings.ENVIRONMENT, settings.PLACES, settings.PUBLIC_URL, failures)
        try:
            code = asyncio.run(installation.run())
        except CannotStartError as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)
