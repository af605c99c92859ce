from django.db import migrations, models

import chat.models


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_parts")]
    operations = [
        migrations.RemoveField(model_name="message", name="reasoning"),
        migrations.RemoveField(model_name="message", name="text"),
        migrations.AddField(
            model_name="message",
            name="text",
            field=models.GeneratedField(
                db_persist=True, expression=chat.models.TextOf("parts"), output_field=models.TextField()
            ),
        ),
    ]
