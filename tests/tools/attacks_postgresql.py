"""Queries that must change nothing, reveal nothing and hold nothing up. `{folder}` is one that the server may write to."""

from tests.tools.databases import CANARY

WRITES = """
INSERT INTO customers VALUES (500, 'x')
INSERT INTO shop.customers (id, name) SELECT 501, word FROM private.secrets RETURNING name
UPDATE customers SET name = 'x'
DELETE FROM orders
MERGE INTO customers c USING orders o ON c.id = o.customer_id WHEN MATCHED THEN DELETE
TRUNCATE orders
WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone
WITH new AS (INSERT INTO customers VALUES (502, 'x') RETURNING *) SELECT * FROM new
SELECT * INTO stolen FROM customers
SELECT * INTO TEMP stolen FROM customers
CREATE TABLE stolen AS SELECT * FROM customers
CREATE TEMP TABLE stolen (a int)
CREATE SCHEMA stolen
CREATE VIEW stolen AS SELECT 1
CREATE FUNCTION stolen() RETURNS int LANGUAGE sql AS 'SELECT 1'
CREATE ROLE thief LOGIN
ALTER TABLE customers ADD COLUMN x int
ALTER ROLE analyst SET work_mem = '1MB'
ALTER DATABASE shop SET work_mem = '1MB'
DROP TABLE orders
DROP SCHEMA shop CASCADE
GRANT ALL ON customers TO PUBLIC
REVOKE ALL ON customers FROM analyst
COMMENT ON TABLE customers IS 'x'
REINDEX TABLE orders
VACUUM
ANALYZE orders
CLUSTER
REFRESH MATERIALIZED VIEW totals
SELECT * FROM orders FOR UPDATE
SELECT * FROM orders FOR NO KEY UPDATE SKIP LOCKED
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE
SELECT nextval('shop.orders_id_seq')
SELECT setval('shop.orders_id_seq', 100000)
SELECT add()
SELECT shop.add()
SELECT lo_create(5000)
SELECT lo_unlink(4711)
SELECT lo_from_bytea(5001, 'x')
SELECT lo_put(4711, 0, 'x')
"""
SESSIONS = """
SELECT 1; DELETE FROM orders
SELECT 1; COMMIT; DELETE FROM orders
COMMIT; DELETE FROM orders
END; DROP TABLE orders
ROLLBACK; BEGIN; DELETE FROM orders; COMMIT
BEGIN READ WRITE
SET TRANSACTION READ WRITE
SET default_transaction_read_only = off
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
RESET ALL
SET ROLE pg_write_server_files
SET search_path = private
SHOW ALL
DISCARD ALL
DEALLOCATE ALL
PREPARE p AS DELETE FROM orders
EXECUTE p
DECLARE c CURSOR FOR SELECT * FROM private.secrets
CLOSE ALL
LISTEN attack
NOTIFY attack, 'sent'
SELECT pg_notify('attack', 'sent')
SELECT set_config('transaction_read_only', 'off', false)
SELECT set_config('search_path', 'private', false)
SELECT set_config('statement_timeout', '0', false), pg_sleep(60)
SELECT pg_advisory_lock(1)
SELECT pg_try_advisory_lock_shared(2)
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
SELECT pg_cancel_backend(1)
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_switch_wal()
SELECT pg_create_restore_point('x')
SELECT pg_export_snapshot()
DO 'BEGIN DELETE FROM shop.orders; END'
CALL shop.add()
LOAD 'auto_explain'
CHECKPOINT
EXPLAIN ANALYZE DELETE FROM orders
EXPLAIN (ANALYZE) SELECT add()
EXPLAIN ANALYZE SELECT shop.add()
EXPLAIN DELETE FROM orders
PREPARE TRANSACTION 'x'
"""
READS = """
SELECT * FROM private.secrets
SELECT * FROM "private"."secrets"
SELECT * FROM PRIVATE.SECRETS
SELECT * FROM shop.private.secrets
TABLE private.secrets
SELECT (SELECT word FROM private.secrets)
SELECT 1 WHERE EXISTS (SELECT FROM private.secrets WHERE word ~ '^c')
SELECT * FROM customers UNION ALL SELECT 1, word, NULL, NULL FROM private.secrets
SELECT name FROM customers ORDER BY (SELECT word FROM private.secrets)
SELECT * FROM customers c, LATERAL (SELECT word FROM private.secrets) s
WITH customers AS (SELECT word FROM private.secrets) SELECT * FROM customers
WITH pg_settings AS (SELECT * FROM pg_settings) SELECT * FROM pg_settings
WITH RECURSIVE r AS (SELECT word FROM private.secrets UNION SELECT word FROM r) SELECT * FROM r
SELECT word FROM public.notes
SELECT word FROM notes
SELECT /* */ word /* */ FROM /**/ private/**/./**/secrets
SELECT * FROM private.secrets -- shop
SELECT 1 /* /* */ , 2 */ UNION SELECT 3 FROM private.secrets
SELECT 1 AS a$$, (SELECT word FROM private.secrets) AS b$$
SELECT E'\\' , (SELECT word FROM private.secrets), E'\\'
SELECT '\\', word FROM private.secrets WHERE word <> '\\'
SELECT U&"w\\006frd" FROM U&"private".U&"secret\\0073"
SELECT U&'\\' , word FROM private.secrets --'
SELECT $a$ $a$, word FROM private.secrets
SELECT * FROM ONLY private.secrets
SELECT * FROM private.secrets TABLESAMPLE SYSTEM (100)
SELECT peek()
SELECT shop.peek()
SELECT "shop"."peek"()
SELECT * FROM shop.peek()
SELECT shop.lower(1)
SELECT lower(1)
SELECT LOWER(c.id) FROM customers c
SELECT c.lower FROM customers c
SELECT (c).whole FROM customers c
SELECT '{private.secrets}'::_regclass
SELECT '{private.secrets}'::regclass[]
SELECT regclass 'private.secrets'
SELECT * FROM ROWS FROM (shop.peek())
SELECT query_to_xml('SELECT word FROM private.secrets', true, true, '')
SELECT table_to_xml('private.secrets', true, true, '')
SELECT schema_to_xml('private', true, true, '')
SELECT cursor_to_xml('answer', 1, true, true, '')
SELECT * FROM ts_stat('SELECT to_tsvector(word) FROM private.secrets')
SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, to_tsquery(word) FROM private.secrets')
SELECT convert_from(lo_get(4711), 'UTF8')
SELECT convert_from(data, 'UTF8') FROM pg_largeobject
SELECT rolname, rolpassword FROM pg_authid
SELECT * FROM pg_catalog.pg_authid
SELECT usename, passwd FROM pg_shadow
SELECT * FROM pg_settings
SELECT * FROM pg_stat_activity
SELECT * FROM pg_stats
SELECT * FROM pg_hba_file_rules
SELECT * FROM pg_user_mappings
SELECT * FROM pg_file_settings
SELECT * FROM information_schema.tables
SELECT * FROM pg_proc
SELECT current_setting('data_directory')
SELECT current_user, session_user
SELECT version()
SELECT 'private.secrets'::regclass::oid
SELECT CAST('private.secrets' AS pg_catalog.regclass)
SELECT CAST('analyst' AS "regrole")
SELECT has_table_privilege('private.secrets', 'SELECT')
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'peek'
SELECT obj_description(1)
SELECT pg_size_pretty(pg_database_size('shop'))
SELECT inet_server_addr(), inet_server_port()
SELECT $1
SELECT :word
"""
FILES = """
SELECT pg_read_file('{folder}/canary.txt')
SELECT pg_read_binary_file('{folder}/canary.txt')
SELECT pg_catalog.pg_read_file('{folder}/canary.txt')
SELECT "pg_read_file"('{folder}/canary.txt')
SELECT * FROM pg_read_file('{folder}/canary.txt')
SELECT convert_from(pg_read_binary_file('{folder}/canary.txt'), 'UTF8')
SELECT pg_ls_dir('{folder}')
SELECT * FROM pg_ls_waldir()
SELECT pg_stat_file('{folder}/canary.txt')
SELECT lo_import('{folder}/canary.txt')
SELECT lo_export(4711, '{folder}/stolen.txt')
COPY customers TO '{folder}/stolen.txt'
COPY (SELECT word FROM private.secrets) TO '{folder}/stolen.txt'
COPY customers FROM '{folder}/canary.txt'
COPY (SELECT 1) TO PROGRAM 'touch {folder}/stolen.txt'
COPY customers TO STDOUT
SELECT pg_file_write('{folder}/stolen.txt', 'x', false)
CREATE EXTENSION file_fdw
CREATE FOREIGN TABLE f (a text) SERVER s
IMPORT FOREIGN SCHEMA x FROM SERVER s INTO shop
SELECT * FROM dblink('host=127.0.0.1', 'SELECT 1') AS t (a int)
SELECT read_csv('{folder}/canary.txt')
SELECT * FROM read_parquet('{folder}/canary.txt')
"""
# Held by a limit: each ends soon, with little memory here, and with a small result.
HEAVY = (
    "SELECT pg_sleep(60)",
    "SELECT count(*) FROM generate_series(1, 1000000000)",
    "SELECT repeat('x', 500000000)",
    "SELECT lpad('x', 500000000)",
    "SELECT rpad('x', 1000000000, 'y')",
    "SELECT space(500000000)",
    "SELECT repeat('x', 10000 * 50000)",
    "SELECT string_agg(repeat('x', 10000), '') FROM generate_series(1, 30000)",
    "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n) SELECT count(*) FROM n",
    "SELECT count(*) FROM orders a, orders b, orders c, orders d",
    "SELECT * FROM orders a, orders b, orders c",
    "SELECT repeat('x', 10000) FROM generate_series(1, 100000)",
    "SELECT " + "(" * 2000 + "1" + ")" * 2000,
    "SELECT " + "+".join(["1"] * 9000),
    "SELECT '" + "x" * 30_000 + "'",
    "SELECT '\0'",
    "",
    " ",
    ";",
)


def attacks(folder: str) -> list[str]:
    """All of them but the heavy ones."""
    assert CANARY not in WRITES + READS + FILES
    lines = f"{WRITES}{SESSIONS}{READS}{FILES}".splitlines()
    return [line.replace("{folder}", folder) for line in lines if line]
