"""`manage.py vault`: look after the keys that seal secrets (docs/secrets.md)."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.sealing import keys as vault_keys
from accounts.sealing import rotation as vault_rotation
from accounts.sealing.errors import VaultError
from accounts.sealing.rotation import Faulty


class Command(BaseCommand):
    """One word for each thing that can be done."""

    help = "Look after the keys that seal secrets."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """What is to be done."""
        words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
        words.add_parser("check", help="open every secret, and say which do not")
        rotate = words.add_parser("rotate", help="seal everything with a new key; may be interrupted and run again")
        rotate.add_argument("--prune", action="store_true", help="then remove the keys that nothing is sealed with any more")
        words.add_parser("key", help=f"print a new key, for {vault_keys.SETTING}")
        lost = words.add_parser("forget-lost", help="delete the secrets whose key is lost")
        lost.add_argument("--yes", action="store_true", help="they are lost indeed")

    def handle(self, *, word: str, **options: Any) -> None:
        """Do it. The exit code is 1 when a secret does not open."""
        try:
            getattr(self, f"_{word.replace('-', '_')}")(**options)
        except VaultError as error:
            raise CommandError(str(error)) from None

    def _check(self, **_: Any) -> None:
        self._tell(list(vault_rotation.examine()))
        self.stdout.write("Every secret opens.")

    def _rotate(self, *, prune: bool, **_: Any) -> None:
        done = vault_rotation.rotate()
        self.stdout.write(f"{done.moved} secrets are sealed anew, with the key {done.key.id.hex()}.")
        if prune:
            self._prune()
        self._tell(done.faulty)

    def _prune(self) -> None:
        verb = f"Take out of {vault_keys.SETTING}" if settings.VAULT_KEYS else "Removed"
        for key in vault_rotation.prune():
            self.stdout.write(f"{verb}: the key {key.id.hex()}, with which nothing is sealed any more.")

    def _key(self, **_: Any) -> None:
        self.stdout.write(vault_keys.new().line())

    def _forget_lost(self, *, yes: bool, **_: Any) -> None:
        if not yes:
            raise CommandError("This deletes every secret whose key is not there. Say --yes when no copy of the key is left.")
        self.stdout.write(f"{vault_rotation.forget_lost()} secrets are deleted.")

    def _tell(self, faulty: list[Faulty]) -> None:
        for secret, error in faulty:
            self.stdout.write(f"{secret.name} of {secret.owner or secret.tenant}: {error}")
        if faulty:
            sys.exit(1)
