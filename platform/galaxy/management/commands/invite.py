"""`make invite EMAIL=...`, which is `manage.py invite EMAIL`: print a link by which somebody new comes in."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import invitations, people
from accounts.models import Group, Tenant
from galaxy.services import roster


class Command(BaseCommand):
    """Prints one link. It can be used once, within a week, and taken back."""

    help = "Print a link by which somebody new comes in, once, within a week. There is no mail sent: pass it on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, and into what."""
        parser.add_argument("email", help="whom")
        parser.add_argument("--tenant", help="the tenant's name; without one, the first")
        parser.add_argument("--group", action="append", default=[], help="a group's name; may be given several times")
        parser.add_argument("--revoke", action="store_true", help="take back what is open for that address")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it tells of every attempt; `manage.py` says it once
        if options["revoke"]:
            taken = sum(invitations.revoke(found) for found in invitations.open_for(options["email"]))
            self.stdout.write(f"Taken back: {taken}.")
            return
        tenant = self._tenant(options["tenant"])
        try:
            link = invitations.invite(options["email"], tenant, [self._group(tenant, name) for name in options["group"]])[1]
        except invitations.CannotInvite as error:
            raise CommandError(str(error)) from error
        # To where Galaxy runs, whatever port this shell has.
        self.stdout.write(link.replace(settings.PUBLIC_URL, roster.address(settings.PLACES) or settings.PUBLIC_URL, 1))

    @staticmethod
    def _tenant(name: str | None) -> Tenant:
        if name is None:
            return people.first_tenant()
        found = list(Tenant.objects.filter(name=name)[:2])
        if len(found) != 1:
            raise CommandError(f"There {'are several tenants' if found else 'is no tenant'} called {name}.")
        return found[0]

    @staticmethod
    def _group(tenant: Tenant, name: str) -> Group:
        found = Group.objects.filter(tenant=tenant, name=name).first()
        if found is None:
            raise CommandError(f"{tenant} has no group called {name}.")
        return found
