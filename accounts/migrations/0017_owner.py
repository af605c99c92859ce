"""Whoever set the installation up is so by a field, and stays so when their address changes."""

from typing import Any

from django.conf import settings
from django.db import migrations, models


def name_owner(apps: Any, _schema_editor: Any) -> None:
    """Until now it was who has the address of the setting."""
    address = settings.ENVIRONMENT.owner_email.strip().lower()
    apps.get_model("accounts", "User").objects.filter(email=address, is_staff=True).update(is_owner=True)


class Migration(migrations.Migration):

    dependencies = [("accounts", "0016_sharedkey")]

    operations = [
        migrations.AddField("user", "is_owner", models.BooleanField(default=False, editable=False)),
        migrations.RunPython(name_owner, migrations.RunPython.noop),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                fields=["is_owner"], condition=models.Q(is_owner=True), name="one_owner_of_the_installation"
            ),
        ),
    ]
