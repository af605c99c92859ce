"""Queries over an SQLite file that must change nothing, read nothing else and hold nothing up. `{folder}` has canaries."""

LIGHT = """
INSERT INTO things VALUES (500, 'x', 1, NULL)
REPLACE INTO things VALUES (1, 'x', 1, NULL)
UPDATE things SET name = 'x'
DELETE FROM things
WITH t AS (SELECT 1) DELETE FROM things
INSERT INTO things SELECT * FROM things RETURNING name
CREATE TABLE stolen (a)
CREATE TABLE stolen AS SELECT * FROM things
CREATE TEMP TABLE stolen (a)
CREATE TEMP VIEW things AS SELECT 1
CREATE INDEX stolen ON things (name)
CREATE TRIGGER stolen AFTER INSERT ON things BEGIN SELECT 1; END
CREATE VIRTUAL TABLE stolen USING fts5 (a)
CREATE VIRTUAL TABLE temp.stolen USING fts5 (a)
INSERT INTO texts (texts) VALUES ('optimize')
ALTER TABLE things ADD COLUMN x
ALTER TABLE things RENAME TO stolen
DROP TABLE things
DROP VIEW dear
REINDEX
ANALYZE
VACUUM
VACUUM INTO '{folder}/stolen.sqlite'
ATTACH DATABASE '{folder}/canary.sqlite' AS other
ATTACH DATABASE '{folder}/stolen.sqlite' AS other
ATTACH DATABASE ':memory:' AS other
DETACH DATABASE main
SELECT * FROM other.secrets
BEGIN
BEGIN EXCLUSIVE
COMMIT
ROLLBACK
SAVEPOINT s
RELEASE s
SELECT 1; DELETE FROM things
SELECT 1; SELECT 2
;; DELETE FROM things
PRAGMA query_only = OFF
PRAGMA writable_schema = ON
PRAGMA journal_mode = WAL
PRAGMA temp_store_directory = '{folder}'
PRAGMA user_version = 7
PRAGMA wal_checkpoint
PRAGMA database_list
PRAGMA table_info(things)
PRAGMA compile_options
PRAGMA trusted_schema = ON
PRAGMA max_page_count = 1
SELECT * FROM pragma_database_list
SELECT * FROM pragma_table_info('things')
SELECT * FROM pragma_function_list
SELECT count(*) FROM pragma_compile_options
SELECT * FROM dbstat
SELECT * FROM sqlite_dbpage
SELECT count(*) FROM sqlite_dbpage
SELECT * FROM sqlite_stmt
SELECT load_extension('{folder}/canary')
SELECT "load_extension"('{folder}/canary')
SELECT readfile('{folder}/canary.txt')
SELECT writefile('{folder}/stolen.txt', 'x')
SELECT edit('x', 'touch {folder}/stolen.txt')
SELECT fts3_tokenizer('simple')
SELECT sqlite_compileoption_get(1)
SELECT sqlite_source_id()
SELECT zeroblob(9000000)
SELECT randomblob(9000000)
EXPLAIN DELETE FROM things
EXPLAIN QUERY PLAN DELETE FROM things
SELECT * FROM no_such_table
SELEC 1
SELECT ?
SELECT :name
"""
HEAVY = (
    "WITH RECURSIVE n (x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "SELECT count(*) FROM things a, things b, things c, things d, things e, things f",
    "SELECT * FROM things a, things b, things c",
    "SELECT group_concat(a.name || b.name || c.name) FROM things a, things b, things c",
    "SELECT replace(hex(printf('%1000000s', '')), '2', '" + "x" * 900 + "')",
    "SELECT printf('%2000000000d', 1)",
    "SELECT a.name FROM things a, things b, things c ORDER BY a.name || b.name || c.name DESC",
    "SELECT " + "(" * 1000 + "1" + ")" * 1000,
    "SELECT 1 " + "UNION ALL SELECT 1 " * 3000,
    "SELECT '" + "x" * 60_000 + "'",
    "SELECT 'a' LIKE '" + "%a" * 3000 + "'",
    "SELECT '\0'",
    " ",
    ";",
)


def attacks(folder: str) -> list[str]:
    """All but the heavy ones."""
    return [line.replace("{folder}", folder) for line in LIGHT.splitlines() if line]
