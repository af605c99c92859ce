"""`manage.py removal export|remove|verify`: a person's things, their removal, and its receipt."""

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit, removal
from accounts.models import User
from accounts.removal.receipt import is_genuine
from accounts.removal.removing import left_of


class Command(BaseCommand):
    """Exports, removes, or checks that somebody was removed."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        actions = parser.add_subparsers(dest="what", required=True)
        exporting = actions.add_parser("export", help="write everything of a person into an archive")
        exporting.add_argument("email")
        exporting.add_argument("file")
        removing = actions.add_parser("remove", help="delete a person with everything of theirs, and write the receipt")
        removing.add_argument("email")
        removing.add_argument("file")
        checking = actions.add_parser("verify", help="check a receipt, and that nothing of the person is here")
        checking.add_argument("file")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it."""
        file = Path(options["file"])
        if options["what"] == "verify":
            self._verify(file)
        elif options["what"] == "export":
            with file.open("xb") as target, removal.archive(self._person(options["email"])) as source:
                shutil.copyfileobj(source, target)
        else:
            self._remove(self._person(options["email"]), file)

    def _remove(self, person: User, file: Path) -> None:
        with file.open("x") as target:  # before anything is deleted: a receipt that cannot be written is none
            try:
                target.write(removal.remove(person, by="an operator").signed())
            except removal.LastOperator as error:
                raise CommandError(str(error)) from error
        audit.flush()
        self.stdout.write(f"Removed. The receipt is in {file}.")

    def _verify(self, file: Path) -> None:
        receipt = is_genuine(file.read_text())
        if receipt is None:
            raise CommandError("This is no receipt of this installation, or it was changed.")
        if left := left_of(UUID(receipt.person)):
            raise CommandError(f"The receipt is genuine, but something is here: {left}")
        words = f"{receipt.person} was removed at {receipt.at}, and nothing of theirs is here."
        self.stdout.write(f"The receipt is genuine: {words}")

    @staticmethod
    def _person(email: str) -> User:
        found = User.objects.filter(email=email.lower()).first()
        if found is None:
            raise CommandError(f"There is nobody with the address {email}.")
        return found
