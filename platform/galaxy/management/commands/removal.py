"""`manage.py removal export|remove|verify`: export a person's data, remove the person, check the receipt."""

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.models import User
from accounts.people import removal
from accounts.people.removal.receipt import is_genuine
from accounts.people.removal.removing import left_of


class Command(BaseCommand):
    """Exports a person's data, removes the person, or verifies a receipt."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the subcommands."""
        actions = parser.add_subparsers(dest="what", required=True)
        exporting = actions.add_parser("export", help="write all of a person's data into an archive")
        exporting.add_argument("email")
        exporting.add_argument("file")
        removing = actions.add_parser("remove", help="delete a person and all their data, and write the receipt")
        removing.add_argument("email")
        removing.add_argument("file")
        checking = actions.add_parser("verify", help="check a receipt, and that none of the person's data is left")
        checking.add_argument("file")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the subcommand."""
        file = Path(options["file"])
        if options["what"] == "verify":
            self._verify(file)
        elif options["what"] == "export":
            with file.open("xb") as target, removal.archive(self._person(options["email"])) as source:
                shutil.copyfileobj(source, target)
        else:
            self._remove(self._person(options["email"]), file)

    def _remove(self, person: User, file: Path) -> None:
        with file.open("x") as target:  # before anything is deleted: a removal needs a receipt
            try:
                target.write(removal.remove(person, by="an operator").signed())
            except removal.LastOperator as error:
                raise CommandError(str(error)) from error
        audit.flush()
        self.stdout.write(f"Removed. The receipt is in {file}.")

    def _verify(self, file: Path) -> None:
        receipt = is_genuine(file.read_text())
        if receipt is None:
            raise CommandError("This is not a receipt of this installation, or it was changed.")
        if left := left_of(UUID(receipt.person)):
            raise CommandError(f"The receipt is genuine, but some data is left: {left}")
        words = f"{receipt.person} was removed at {receipt.at}, and none of their data is left."
        self.stdout.write(f"The receipt is genuine: {words}")

    @staticmethod
    def _person(email: str) -> User:
        found = User.objects.filter(email=email.lower()).first()
        if found is None:
            raise CommandError(f"No one here has the address {email}.")
        return found
