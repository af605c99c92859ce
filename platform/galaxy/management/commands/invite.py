"""`make invite EMAIL=...`, which is `manage.py invite EMAIL`: print a link through which a new person joins."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Group, Tenant
from accounts.people import invitations
from galaxy.management.tenants import tenant_called
from galaxy.services.supervision import roster


class Command(BaseCommand):
    """Prints a link. It works once, within a week, and can be revoked."""

    help = "Print a link through which a new person joins, once, within a week. No mail is sent: pass it on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add address, tenant and groups."""
        parser.add_argument("email", help="the new person's email address")
        parser.add_argument("--tenant", help="the tenant's name; without one, the first")
        parser.add_argument("--group", action="append", default=[], help="a group's name; may be given several times")
        parser.add_argument("--revoke", action="store_true", help="revoke the open invitations of that address")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the link, or revoke open ones."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it logs every attempt; `manage.py` reports it once
        if options["revoke"]:
            taken = sum(invitations.revoke(found) for found in invitations.open_for(options["email"]))
            self.stdout.write(f"Revoked: {taken}.")
            return
        tenant = tenant_called(options["tenant"])
        try:
            link = invitations.invite(options["email"], tenant, [self._group(tenant, name) for name in options["group"]])[1]
        except invitations.CannotInvite as error:
            raise CommandError(str(error)) from error
        # Use the address where Galaxy runs, whatever port this shell has.
        self.stdout.write(link.replace(settings.PUBLIC_URL, roster.address(settings.PLACES) or settings.PUBLIC_URL, 1))

    @staticmethod
    def _group(tenant: Tenant, name: str) -> Group:
        found = Group.objects.filter(tenant=tenant, name=name).first()
        if found is None:
            raise CommandError(f"{tenant} has no group called {name}.")
        return found
