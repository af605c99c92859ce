"""`make link`, which is `manage.py sign_in_link [EMAIL]`: print a link that signs a person in once."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.urls import reverse

from accounts.models import SignInLink, User
from accounts.people import directory
from galaxy.services.supervision import roster


class Command(BaseCommand):
    """Prints a link, which is not stored readably."""

    help = "Print a link that signs a person in once, within 24 hours. Without an address: the owner's."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the person's address."""
        parser.add_argument("email", nargs="?", default="", help="the email address of the person")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the link."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it logs every attempt; the error is reported below
        try:
            token = SignInLink.issue(self._person(options["email"]))
        except DatabaseError:
            raise CommandError(roster.without_database(settings.PLACES, settings.ENVIRONMENT.database_url)) from None
        address = roster.address(settings.PLACES) or settings.PUBLIC_URL
        # Resolve in this URL list alone: knowing every address would load all of the portal.
        self.stdout.write(address + reverse("link", urlconf="accounts.doors.urls", args=[token]))

    @staticmethod
    def _person(email: str) -> User:
        found = User.objects.filter(email=email.lower()).first() if email else directory.owner()
        if found is None and directory.is_owners_address(email):
            return directory.owner()
        if found is None:
            raise CommandError(f"No one here has the address {email}. Add people in the admin, at /admin/.")
        if not found.is_active:
            raise CommandError(f"The account {email} is suspended. An operator can reactivate it in the admin, under People.")
        return found
