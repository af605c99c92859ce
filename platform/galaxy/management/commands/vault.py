"""`manage.py vault`: manage the keys that encrypt secrets (docs/secrets.md)."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.vault import keys as vault_keys
from accounts.vault import rotation as vault_rotation
from accounts.vault.errors import VaultError
from accounts.vault.rotation import Faulty


class Command(BaseCommand):
    """Runs one subcommand for each task."""

    help = "Manage the keys that encrypt secrets."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the subcommands."""
        words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
        words.add_parser("check", help="decrypt every secret, and list those that fail")
        rotate = words.add_parser("rotate", help="encrypt everything with a new key; may be interrupted and run again")
        rotate.add_argument("--prune", action="store_true", help="then remove the keys that are no longer in use")
        words.add_parser("key", help=f"print a new key, for {vault_keys.SETTING}")
        lost = words.add_parser("forget-lost", help="delete the secrets whose key is lost")
        lost.add_argument("--yes", action="store_true", help="confirm that no copy of the key is left")

    def handle(self, *, word: str, **options: Any) -> None:
        """Run the subcommand; exit with 1 if a secret cannot be decrypted."""
        try:
            getattr(self, f"_{word.replace('-', '_')}")(**options)
        except VaultError as error:
            raise CommandError(str(error)) from None

    def _check(self, **_: Any) -> None:
        self._report(list(vault_rotation.examine()))
        self.stdout.write("Every secret can be decrypted.")

    def _rotate(self, *, prune: bool, **_: Any) -> None:
        done = vault_rotation.rotate()
        self.stdout.write(f"{done.moved} secrets are now encrypted with the key {done.key.id.hex()}.")
        if prune:
            self._prune()
        self._report(done.faulty)

    def _prune(self) -> None:
        verb = f"Remove from {vault_keys.SETTING}" if settings.VAULT_KEYS else "Removed"
        for key in vault_rotation.prune():
            self.stdout.write(f"{verb}: the key {key.id.hex()}, which is no longer in use.")

    def _key(self, **_: Any) -> None:
        self.stdout.write(vault_keys.new().line())

    def _forget_lost(self, *, yes: bool, **_: Any) -> None:
        if not yes:
            raise CommandError("This deletes every secret whose key is missing. Add --yes if no copy of the key is left.")
        self.stdout.write(f"{vault_rotation.forget_lost()} secrets are deleted.")

    def _report(self, faulty: list[Faulty]) -> None:
        for secret, error in faulty:
            self.stdout.write(f"{secret.name} of {secret.owner or secret.tenant}: {error}")
        if faulty:
            sys.exit(1)
