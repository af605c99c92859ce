"""Accepts this machine's AUDIT_KEY and SECRET_KEY for the installation, after they were changed on purpose."""

from typing import Any

from django.core.management.base import BaseCommand

from galaxy.configuration import shared_keys


class Command(BaseCommand):
    """`manage.py accept_keys`."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []  # `prepare` ran them; they load all of the portal

    def handle(self, **_: Any) -> None:
        """Accept the keys and list those that changed."""
        changed = shared_keys.accept()
        self.stdout.write(f"Accepted: {', '.join(changed)}." if changed else "Nothing differs.")
