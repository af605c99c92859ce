"""`manage.py import_models [FILE]`: take the models of an operator's list over into the admin, or show what that changes."""

from pathlib import Path
from typing import Any

import msgspec
import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from accounts.vault.store import VaultError
from chat import catalogue
from chat.catalogue.importing import words, writing
from chat.catalogue.importing.plan import Plan, plan
from chat.catalogue.importing.wanted import wanted
from chat.providers.known import llms_file
from chat.providers.known.llms_file import Listed
from chat.providers.known.yaml_errors import reason
from galaxy.management.tenants import tenant_called

STILL_FIRST = "The list still comes first. Remove its models, so that what you change in the admin counts."


class Command(BaseCommand):
    """Shows the difference between a list and a tenant's providers; with `--write`, makes them the same."""

    help = "Show what a list of models would add or change in the admin; with --write, do it. Nothing is ever removed."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add file, tenant and the option to write."""
        parser.add_argument("file", nargs="?", help="a list such as llms.yml; without one, that of LLM_CONFIG_FILE")
        parser.add_argument("--tenant", help="the tenant's name; without one, the first")
        parser.add_argument("--write", action="store_true", help="write it; the keys are stored encrypted, in the vault")

    def handle(self, *_args: Any, file: str | None, tenant: str | None, write: bool, **_: Any) -> None:
        """Show the difference, and write it."""
        own = settings.BASE_DIR / settings.ENVIRONMENT.llm_config_file
        path = Path(file) if file else own
        planned = plan(tenant_called(tenant), wanted(_read(path)))
        for line in words.lines(planned):
            self.stdout.write(line)
        if planned.changes_nothing:
            self.stdout.write("Nothing to change.")
        elif write:
            _write(planned)
            self.stdout.write(
                f"Written, for {planned.tenant}." + (f" {STILL_FIRST}" if path.resolve() == own.resolve() else "")
            )
        else:
            self.stdout.write(f"Nothing is written yet. Add --write to do it for {planned.tenant}.")


def _read(path: Path) -> Listed:
    try:
        return llms_file.parse(path.read_text(encoding="utf-8"), catalogue.environ())
    except (OSError, ValueError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise CommandError(f"{path} cannot be read: {reason(error)}") from None


def _write(planned: Plan) -> None:
    try:
        writing.write(planned)
    except VaultError as error:
        raise CommandError(f"Nothing is written: {error}") from None
    except IntegrityError:
        raise CommandError("Nothing is written: the providers changed in the meantime. Run the command again.") from None
