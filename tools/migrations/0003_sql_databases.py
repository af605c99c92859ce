"""Databases for queries. Every tenant that is there already gets the sample, open to all of its people (tools.builtin.sql.signals)."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.core.validators import RegexValidator
from django.db import migrations, models
from uuid_utils.compat import uuid7

from tools.models import are_names
from tools.builtin.sql.sample import DESCRIPTION, NAME


def add_samples(apps: Any, _editor: Any) -> None:
    tenants, grants = apps.get_model("accounts", "Tenant"), apps.get_model("accounts", "Grant")
    databases = apps.get_model("tools", "SqlDatabase")
    for tenant in tenants.objects.all():
        row = databases.objects.create(tenant=tenant, name=NAME, kind="sample", description=DESCRIPTION)
        grants.objects.create(tenant=tenant, effect="allow", action="use", kind="database", target=str(row.pk))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_plain_words"), ("tools", "0002_open_at_first")]
    operations = [
        migrations.CreateModel(
            name="SqlDatabase",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        help_text="The name by which models and people ask for it.",
                        max_length=40,
                        validators=[
                            RegexValidator(
                                "^[a-z][a-z0-9_]*$", "A name has small letters, digits and _, and starts with a letter."
                            )
                        ],
                    ),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="Its contents in a sentence, for models and people.", max_length=400
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("postgresql", "PostgreSQL"), ("sqlite", "SQLite"), ("sample", "Sample shop")],
                        max_length=12,
                    ),
                ),
                ("place", models.CharField(blank=True, editable=False, max_length=300, verbose_name="stored address")),
                ("by_owner", models.BooleanField(default=False, editable=False)),
                ("schemas", models.JSONField(blank=True, default=list, validators=[are_names])),
                ("enabled", models.BooleanField(default=True, help_text="Off: no one can query it.")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "secret",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.secret",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.tenant"
                    ),
                ),
            ],
            options={
                "verbose_name": "database",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "name"),
                        name="sql_database_name",
                        violation_error_message="There is a database with this name.",
                    )
                ],
            },
        ),
        migrations.RunPython(add_samples, migrations.RunPython.noop),
    ]
