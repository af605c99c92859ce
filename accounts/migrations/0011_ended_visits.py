"""An ended visit keeps what its session is found by: who comes back with it is told why it is over."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_audit_via'),
    ]

    operations = [
        migrations.AlterField(
            model_name='visit',
            name='session',
            field=models.CharField(help_text='SHA-256 of its key.', max_length=64, null=True, unique=True),
        ),
    ]
