from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_run_terms")]
    operations = [
        migrations.AddIndex(
            model_name="conversation", index=models.Index(fields=["tenant", "-updated_at"], name="conversation_of_tenant")
        ),
        migrations.AddIndex(model_name="run", index=models.Index(fields=["-created_at"], name="run_recent")),
    ]
