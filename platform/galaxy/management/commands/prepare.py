"""Brings an installation up to date: checks, database, static files, owner. Any number may run at once; one works."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.urls import reverse

from accounts import people
from accounts.models import SignInLink
from galaxy import checks, collected, shared_keys

LOCK = 0x67616C617879  # "galaxy"


class Command(BaseCommand):
    """`manage.py prepare`."""

    help = "Bring the database and the static files up to date, and make the owner's account at the first start."
    requires_system_checks = [checks.OWN]  # the others look at the code, which the tests do; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked for besides."""
        parser.add_argument("--link", action="store_true", help="print a link that signs the owner in once")

    def handle(self, *, link: bool, **_: Any) -> None:
        """Everything under one lock in the database."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                call_command("migrate", interactive=False, verbosity=0)
                collected.refresh(settings.STATIC_ROOT)
                shared_keys.check()
                person = people.owner()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if link:
            self.stdout.write(settings.PUBLIC_URL + reverse("link", urlconf="accounts.urls", args=[SignInLink.issue(person)]))
