"""Who is there already may go on using every model. New tenants are granted the same as they are made (accounts.access.signals)."""

from typing import Any

from django.db import migrations


def grant(apps: Any, _editor: Any) -> None:
    tenants, grants = apps.get_model("accounts", "Tenant"), apps.get_model("accounts", "Grant")
    for tenant in tenants.objects.all():
        grants.objects.get_or_create(
            tenant=tenant, person=None, group=None, effect="allow", action="use", kind="model", target="*"
        )


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial"), ("accounts", "0002_rights")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
