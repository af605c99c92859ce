"""Long calls: which worker has one, when it was last heard of, and whether it is to be ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tools", "0003_sql_databases")]
    operations = [
        migrations.AddField(
            model_name="toolcall",
            name="is_long",
            field=models.BooleanField(db_default=False, default=False, help_text="It runs in a worker."),
        ),
        migrations.AddField(
            model_name="toolcall",
            name="zone",
            field=models.CharField(db_default="UTC", default="UTC", help_text="The person's time zone.", max_length=64),
        ),
        migrations.AddField(
            model_name="toolcall", name="claim", field=models.UUIDField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            model_name="toolcall",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="How often a worker took it."),
        ),
        migrations.AddField(
            model_name="toolcall",
            name="heard_at",
            field=models.DateTimeField(blank=True, help_text="The last sign of life of its worker.", null=True),
        ),
        migrations.AddField(
            model_name="toolcall", name="cancel_asked", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.AlterField(
            model_name="toolcall",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("ready", "Ready"),
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("succeeded", "Succeeded"),
                    ("failed", "Failed"),
                    ("denied", "Denied"),
                    ("expired", "Expired"),
                    ("cancelled", "Cancelled"),
                    ("unknown", "Unknown"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="toolcall",
            index=models.Index(
                condition=models.Q(("is_long", True), ("state__in", ("queued", "running"))),
                fields=["run"],
                name="call_under_way",
            ),
        ),
    ]
