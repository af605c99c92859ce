"""Brings an installation up to date: checks, database, static files, owner. Parallel runs wait for each other."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.urls import reverse

from accounts.models import SignInLink
from accounts.people import directory
from galaxy.configuration import shared_keys
from galaxy.doctor import system_checks
from galaxy.serving import collect_static

LOCK = 0x67616C617879  # "galaxy"


class Command(BaseCommand):
    """`manage.py prepare`."""

    help = "Bring the database and the static files up to date, and create the owner's account at the first start."
    requires_system_checks = [system_checks.OWN]  # the others check the code, as tests do, and load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the option for a sign-in link."""
        parser.add_argument("--link", action="store_true", help="print a link that signs the owner in once")

    def handle(self, *, link: bool, **_: Any) -> None:
        """Do everything under one lock in the database."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                call_command("migrate", interactive=False, verbosity=0)
                collect_static.refresh(settings.STATIC_ROOT)
                shared_keys.check()
                person = directory.owner()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if link:
            self.stdout.write(
                settings.PUBLIC_URL + reverse("link", urlconf="accounts.doors.urls", args=[SignInLink.issue(person)])
            )
