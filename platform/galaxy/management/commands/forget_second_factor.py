"""`manage.py forget_second_factor EMAIL`: for somebody, such as the owner, who lost their phone and their recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.entrance.recovery import forget_second_factors
from accounts.models import User


class Command(BaseCommand):
    """Takes away the app, the recovery codes and the passkeys of one person."""

    help = "Remove a person's second factors: they come in by password or link alone, and can add new ones."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("email", help="whose")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it."""
        person = User.objects.filter(email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"There is nobody with the address {options['email']}.")
        self.stdout.write(f"Removed: {forget_second_factors(person)}.")
