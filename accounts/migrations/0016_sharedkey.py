from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_sessions_and_indexes")]
    operations = [
        migrations.CreateModel(
            name="SharedKey",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
            ],
        ),
    ]
