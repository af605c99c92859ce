"""`manage.py switch_provider NAME` and `--show`: change the default model while Galaxy runs, and see where each comes from."""

import asyncio
import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from accounts import audit
from accounts.models import Tenant
from accounts.storage.connections import redis
from chat import catalogue
from chat.catalogue.overview import Overview
from chat.catalogue.runtime_file import BrokenFile, RuntimeFile


class Command(BaseCommand):
    """Switches the default, or shows it with all other models."""

    help = "Make a model, or the first model of a provider, the default for everyone who has chosen none, at once."
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the name and the options; one of them is needed."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("name", nargs="?", help="a model, a kind of provider such as anthropic, or your own name for one")
        what.add_argument("--show", action="store_true", help="show the default, all models, and where each comes from")
        what.add_argument("--reset", action="store_true", help="switch back: the first model is the default again")

    def handle(self, *_args: Any, name: str | None, show: bool, reset: bool, **_: Any) -> None:
        """Do the one thing that was asked for."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it logs every attempt; `manage.py` reports it once
        connection.ensure_connection()  # without it, the models that operators set up would be missing without a word
        before = _overview()
        if name is not None and not before.knows(name := name.strip()):
            raise CommandError(f"No model and no provider is called “{name}”. {before.choices()}")
        if name or reset:
            _switch(before.file, name or "")
        now = before if show else _overview()
        for line in (*now.remark(), *now.default(), *(now.table() if show else ())):
            self.stdout.write(line)


def _switch(file: RuntimeFile, name: str) -> None:
    try:
        file.write(name)
    except (BrokenFile, OSError) as error:
        raise CommandError(f"{file.path} cannot be changed. Correct or remove it: {error}") from None
    audit.record("model.default_switched", "model", name)


def _overview() -> Overview:
    offers = asyncio.run(_offers())
    tenants = Tenant.objects.filter(pk__in=[key for key in offers if key])
    return Overview(offers, {tenant.pk: tenant.name for tenant in tenants}, catalogue.runtime_file())


async def _offers() -> Any:
    try:
        return await catalogue.by_tenant()
    finally:
        await redis().aclose()  # with its loop
