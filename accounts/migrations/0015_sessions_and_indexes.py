from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models

COLUMN = """
    ALTER TABLE django_session ADD COLUMN IF NOT EXISTS person_id uuid;
    CREATE INDEX IF NOT EXISTS session_of_a_person ON django_session (person_id);
"""
NO_COLUMN = "ALTER TABLE django_session DROP COLUMN person_id"
AT_ONCE = 1000


def name_people(apps: Any, _: Any) -> None:
    """Fill the column of the sessions that are there; one that cannot be opened signs no one in."""
    sessions, store = apps.get_model("accounts", "Session"), SessionStore()
    named = []
    for session in sessions.objects.filter(person_id=None).iterator(AT_ONCE):
        session.person_id = store.decode(session.session_data).get("_auth_user_id")
        if session.person_id:
            named.append(session)
    sessions.objects.bulk_update(named, ["person_id"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_words"), ("sessions", "0001_initial")]
    operations = [
        migrations.RunSQL(COLUMN, NO_COLUMN),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("person_id", models.UUIDField(null=True)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "db_table": "django_session",
                "abstract": False,
                "managed": False,
            },
        ),
        migrations.RunPython(name_people, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["tenant", "outcome", "-seq"], name="audit_of_an_outcome"),
        ),
    ]
