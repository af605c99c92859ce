"""Databases for the tests of queries: an SQLite file, and a PostgreSQL whose role may so much that Galaxy alone holds it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from accounts.access import USE
from accounts.models import Grant, Tenant
from accounts.vault import store
from galaxy.configuration.paths import Places
from tests.platform.servers import foreign_postgres
from tools.builtin.sql import addresses
from tools.models import DATABASE, SqlDatabase

CANARY = "canary-4f1c9e"  # in no reply, ever
PASSWORD = "analyst-pass-77"
# The role reads and writes everything in two schemas, of which one is open, and may read and write the server's files.
MAKE = f"""
CREATE ROLE analyst LOGIN PASSWORD '{PASSWORD}' CREATEROLE IN ROLE pg_read_server_files, pg_write_server_files,
    pg_execute_server_program, pg_read_all_settings, pg_read_all_stats, pg_signal_backend;
CREATE ROLE colleague PASSWORD '{CANARY}';
CREATE SCHEMA shop; CREATE SCHEMA private;
CREATE TABLE shop.customers (id int PRIMARY KEY, name text NOT NULL, born date, vip boolean DEFAULT false);
COMMENT ON TABLE shop.customers IS 'People who bought something';
CREATE TABLE shop.orders (id serial PRIMARY KEY, customer_id int REFERENCES shop.customers (id), total numeric(10, 2),
    at timestamptz, info jsonb, tags text[]);
INSERT INTO shop.customers SELECT n, 'Customer ' || n, date '1980-01-01' + n * 100, n % 3 = 0 FROM generate_series(1, 20) n;
INSERT INTO shop.orders (customer_id, total, at, info, tags)
    SELECT n % 20 + 1, n * 1.5, timestamptz '2026-01-01 10:00Z' + n * interval '1 day', jsonb_build_object('no', n), '{{a,b}}'
    FROM generate_series(1, 300) n;
CREATE VIEW shop.totals AS SELECT customer_id, sum(total) AS total FROM shop.orders GROUP BY 1;
CREATE TABLE private.secrets (word text); INSERT INTO private.secrets VALUES ('{CANARY}');
CREATE TABLE public.notes (word text); INSERT INTO public.notes VALUES ('{CANARY}');
CREATE FUNCTION shop.peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT word FROM private.secrets LIMIT 1';
CREATE FUNCTION shop.lower(anyelement) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT word FROM private.secrets LIMIT 1';
CREATE FUNCTION shop.whole(shop.customers) RETURNS text LANGUAGE sql SECURITY DEFINER
    AS 'SELECT word FROM private.secrets LIMIT 1';
CREATE FUNCTION shop.add() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
    AS 'BEGIN INSERT INTO shop.customers VALUES (999, ''added''); RETURN 1; END';
SELECT lo_from_bytea(4711, '{CANARY}');
ALTER DATABASE shop OWNER TO analyst;
GRANT ALL ON SCHEMA shop, private, public TO analyst;
GRANT ALL ON ALL TABLES IN SCHEMA shop, private, public TO analyst;
GRANT ALL ON ALL SEQUENCES IN SCHEMA shop TO analyst;
GRANT ALL ON LARGE OBJECT 4711 TO analyst;
"""
# Everything that an attack could change, as one text.
STATE = """
SELECT concat_ws(E'\\n',
    (SELECT md5(string_agg(c::text, ',' ORDER BY id)) FROM shop.customers c),
    (SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM shop.orders o),
    (SELECT string_agg(word, ',') FROM private.secrets),
    (SELECT last_value || ' ' || is_called FROM shop.orders_id_seq),
    (SELECT string_agg(nspname || '.' || relname, ',' ORDER BY c.oid) FROM pg_class c
     JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_|information_schema'),
    (SELECT string_agg(proname, ',' ORDER BY oid) FROM pg_proc WHERE pronamespace > 16000),
    (SELECT string_agg(rolname || coalesce(rolconfig::text, ''), ',' ORDER BY oid) FROM pg_roles),
    (SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_largeobject_metadata),
    (SELECT md5(string_agg(data, '' ORDER BY loid, pageno)) FROM pg_largeobject),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),
    (SELECT count(*) FROM pg_prepared_xacts),
    (SELECT string_agg(datname || datacl::text, ',' ORDER BY oid) FROM pg_database),
    (SELECT setting FROM pg_settings WHERE name = 'work_mem'),
    current_setting('galaxy.mark', true))
"""


class Server:
    """The PostgreSQL: `url` is what an operator enters, `admin` its superuser's connection."""

    def __init__(self, folder: Path, port: str, admin: "psycopg.Connection[Any]") -> None:
        self.folder, self.admin = folder, admin
        self.url = f"postgres://analyst:{PASSWORD}@127.0.0.1:{port}/shop"

    def state(self) -> str:
        """All that could be changed."""
        row = self.admin.execute(STATE).fetchone()
        assert row
        return str(row[0])

    def working(self) -> int:
        """Number of the role's queries that are running."""
        row = self.admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'analyst' AND state = 'active'"
        ).fetchone()
        assert row
        return int(row[0])

    def notified(self) -> list[str]:
        """Notifications that came since it was last asked."""
        return [one.payload for one in self.admin.notifies(timeout=0)]


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A PostgreSQL with a shop, and a listener for what attacks may send."""
    with foreign_postgres(folder) as url:
        port, places = url.rpartition("/")[0].rpartition(":")[2], Places(folder)
        with (places.postgres / "pg_hba.conf").open("a") as rules:
            rules.write("host shop,postgres analyst,postgres 127.0.0.1/32 scram-sha-256\n")
        given: dict[str, Any] = {"host": str(places.postgres_socket), "port": port, "user": "postgres", "autocommit": True}
        with psycopg.connect(**given, dbname="postgres") as root:
            root.execute("SELECT pg_reload_conf()")
            root.execute(f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
            root.execute("CREATE DATABASE shop")
        with psycopg.connect(**given, dbname="shop") as admin:
            admin.execute(MAKE)
            admin.execute("LISTEN attack")
            yield Server(folder, port, admin)


def make_file(place: Path) -> None:
    """An SQLite database with a few rows."""
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript("""
            CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price NUMERIC, made DATE);
            CREATE TABLE parts (thing_id INTEGER REFERENCES things (id), part TEXT);
            CREATE VIEW dear AS SELECT name FROM things WHERE price > 50;
            CREATE VIRTUAL TABLE texts USING fts5 (body);
            INSERT INTO texts VALUES ('a green lamp'), ('a red lamp');
            WITH RECURSIVE n (x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n WHERE x < 100)
            INSERT INTO things SELECT x, 'Thing ' || x, x * 1.5, date('2026-01-01', '+' || x || ' days') FROM n;
            INSERT INTO parts SELECT id, 'Part of ' || id FROM things;
            PRAGMA journal_mode = DELETE;
        """)


def configure(tenant: Tenant, name: str, kind: str, address: str, *, by_owner: bool = True, **fields: Any) -> SqlDatabase:
    """A configured database, granted to no one."""
    place = addresses.check(kind, address, by_owner=by_owner)
    row = SqlDatabase(tenant=tenant, name=name, kind=kind, place=place, by_owner=by_owner, **fields)
    row.secret = store.put(tenant, f"database {row.pk}", address)
    row.save()
    return row


def grant(database: SqlDatabase, **whom: Any) -> Grant:
    """Let people query it."""
    return Grant.objects.create(tenant=database.tenant, action=USE, kind=DATABASE, target=str(database.pk), **whom)
