"""Calls tell which model asked; calls and files that stay in another person's chat can be no one's."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NO_ONE = "No one, after they left another's chat."


def person() -> "models.ForeignKey[object, object]":
    cascade = django.db.models.deletion.CASCADE
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=cascade, related_name="+", help_text=NO_ONE)


class Migration(migrations.Migration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("tools", "0004_long_calls")]
    operations = [
        migrations.AddField(
            "toolcall", "model", models.CharField(blank=True, default="", help_text="The model that asked.", max_length=200),
            preserve_default=False,
        ),
        migrations.AlterField("toolcall", "person", person()),
        migrations.AlterField("artifact", "owner", person()),
    ]
