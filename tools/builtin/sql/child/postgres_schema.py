"""The tables of a PostgreSQL database that its role may read, with their columns, keys and comments."""

from itertools import groupby
from typing import Any

import psycopg

from tools.builtin.sql.child.protocol import Field, Relation

MOST_FIELDS, MOST_NOTE = 100, 200

COLUMNS = """
WITH open AS (
    SELECT c.oid, n.nspname, c.relname, obj_description(c.oid, 'pg_class') AS told
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
      AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
    ORDER BY n.nspname, c.relname
    LIMIT %(most)s
)
SELECT o.nspname, o.relname, o.told, a.attname, format_type(a.atttypid, a.atttypmod), col_description(o.oid, a.attnum),
    EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = o.oid AND k.contype = 'p' AND a.attnum = ANY(k.conkey)),
    (SELECT f.relname || '.' || fa.attname
     FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
     JOIN pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = k.confkey[1]
     WHERE k.conrelid = o.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1)
FROM open o JOIN pg_attribute a ON a.attrelid = o.oid
WHERE a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(o.oid, a.attnum, 'SELECT')
ORDER BY o.nspname, o.relname, a.attnum
"""


def relations(connection: "psycopg.Connection[Any]", schemas: tuple[str, ...], most: int) -> tuple[Relation, ...]:
    """Read them. Names of a second schema are written with it."""
    rows = connection.execute(COLUMNS, {"schemas": list(schemas), "most": most}).fetchall()
    found = []
    for (schema, name, told), of_it in groupby(rows, key=lambda row: row[:3]):
        shown = name if schema == schemas[0] else f"{schema}.{name}"
        found.append(Relation(shown, tuple(map(_field, list(of_it)[:MOST_FIELDS])), (told or "")[:MOST_NOTE]))
    return tuple(found)


def _field(row: tuple[Any, ...]) -> Field:
    *_, name, kind, told, is_key, refers = row
    notes = ("key" if is_key else "", f"refers to {refers}" if refers else "", (told or "")[:MOST_NOTE])
    return Field(name, kind, ", ".join(note for note in notes if note))
