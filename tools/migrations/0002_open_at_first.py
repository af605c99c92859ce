"""Grants every tool to everyone in the tenants there are: new tenants begin so."""

from typing import Any

from django.db import migrations


def grant(apps: Any, _: Any) -> None:
    Grant = apps.get_model("accounts", "Grant")
    for tenant in apps.get_model("accounts", "Tenant").objects.all():
        Grant.objects.get_or_create(tenant=tenant, action="use", kind="tool", target="*", person=None, group=None)


class Migration(migrations.Migration):
    dependencies = [("tools", "0001_initial")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
