"""`manage.py forget_second_factor EMAIL`: for a person, such as the owner, who lost their phone and recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.sign_in.second_factor.recovery import forget_second_factors


class Command(BaseCommand):
    """Removes one person's authenticator app, recovery codes and passkeys."""

    help = "Remove a person's second factors. They sign in by password or link alone, and can add new ones."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the person's address."""
        parser.add_argument("email", help="the person's email address")

    def handle(self, *_: Any, **options: Any) -> None:
        """Remove them."""
        person = User.objects.filter(email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"No one here has the address {options['email']}.")
        self.stdout.write(f"Removed: {forget_second_factors(person)}.")
