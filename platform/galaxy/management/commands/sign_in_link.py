"""`make link`, which is `manage.py sign_in_link [EMAIL]`: print a link that signs a person in once."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.urls import reverse

from accounts import people
from accounts.models import SignInLink, User
from galaxy.services import roster


class Command(BaseCommand):
    """Prints one link. Nothing of it can be read again later."""

    help = "Print a link that signs a person in once, within 24 hours. Without an address: the owner's."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """The person's address."""
        parser.add_argument("email", nargs="?", default="", help="whom the link signs in")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the link."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it tells of every attempt, and of all of them is told below
        try:
            token = SignInLink.issue(self._person(options["email"]))
        except DatabaseError:
            raise CommandError(roster.without_database(settings.PLACES, settings.ENVIRONMENT.database_url)) from None
        address = roster.address(settings.PLACES) or settings.PUBLIC_URL
        # Looked up among these alone: to know every address, all of the portal would be loaded.
        self.stdout.write(address + reverse("link", urlconf="accounts.urls", args=[token]))

    @staticmethod
    def _person(email: str) -> User:
        found = User.objects.filter(email=email.lower()).first() if email else people.owner()
        if found is None and people.is_owners_address(email):
            return people.owner()
        if found is None:
            raise CommandError(f"There is nobody with the address {email}. Add people in the admin, at /admin/.")
        if not found.is_active:
            raise CommandError(f"The account {email} is suspended. An operator lets it in again in the admin, under People.")
        return found
