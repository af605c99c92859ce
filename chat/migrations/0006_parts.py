from django.db import migrations

import chat.models

TEXT_OF = """
    CREATE OR REPLACE FUNCTION chat_text_of(parts jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(string_agg(part->>'text', '' ORDER BY number), '')
        FROM jsonb_array_elements(parts) WITH ORDINALITY AS p(part, number) WHERE part->>'type' = 'text'
    $$"""

# A message of before had its thoughts shown above its words.
FILL = """
    UPDATE chat_message SET parts =
        CASE WHEN reasoning = '' THEN '[]'::jsonb
             ELSE jsonb_build_array(jsonb_build_object('type', 'reasoning', 'text', reasoning)) END ||
        CASE WHEN text = '' THEN '[]'::jsonb
             ELSE jsonb_build_array(jsonb_build_object('type', 'text', 'text', text)) END
    WHERE reasoning <> '' OR text <> ''"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0005_run_rates")]
    operations = [
        migrations.RunSQL(TEXT_OF, "DROP FUNCTION chat_text_of(jsonb)"),
        migrations.AddField(model_name="message", name="parts", field=chat.models.PartsField()),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
