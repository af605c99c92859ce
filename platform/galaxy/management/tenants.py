"""The tenant that a command means."""

from django.core.management.base import CommandError

from accounts.models import Tenant
from accounts.people import directory


def tenant_called(name: str | None) -> Tenant:
    """Return the only tenant with that name; without a name, the first one. Raises CommandError."""
    if name is None:
        return directory.first_tenant()
    found = list(Tenant.objects.filter(name=name)[:2])
    if len(found) != 1:
        raise CommandError(f"{'Several tenants are' if found else 'No tenant is'} called {name}.")
    return found[0]
