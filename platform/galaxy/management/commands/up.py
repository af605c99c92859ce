"""Runs all of Galaxy on this machine: services, portal, runner and worker, supervised, until stopped."""

import asyncio
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from galaxy.doctor import system_checks
from galaxy.services.installation import Installation
from galaxy.services.supervision.part import CannotStartError


class Command(BaseCommand):
    """`manage.py up`."""

    help = "Run all of Galaxy on this machine, in the foreground. Ctrl-C stops it."
    requires_system_checks: list[str] = []  # `prepare` runs all checks once there is a database

    def handle(self, **_: Any) -> None:
        """Run until stopped; exit with 1 if the operator must change something first."""
        for message in system_checks.settings_make_sense():
            if message.is_serious():
                raise CommandError(f"{message.msg} {message.hint}")
            self.stdout.write(f"{message.msg} {message.hint}")
        installation = Installation(settings.ENVIRONMENT, settings.PLACES, settings.PUBLIC_URL)
        try:
            code = asyncio.run(installation.run())
        except CannotStartError as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)
