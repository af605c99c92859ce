"""SQLite: a file opened for reading, with a guard that is asked about every table, function and statement."""

import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tools.builtin.sql.child.cells import Rows, integer, real
from tools.builtin.sql.child.protocol import (
    LARGE,
    MOST_RELATIONS,
    REFUSED,
    SLOW,
    UNREACHABLE,
    Cell,
    Column,
    Description,
    Failed,
    Field,
    Question,
    Relation,
    Table,
)

SCHEMA = ("sqlite_master", "sqlite_schema")
TABLE_FUNCTIONS = ("json_each", "json_tree")
# Functions that read or write files, load code, take pages or memory apart, or tell of the library.
FORBIDDEN_FUNCTIONS = frozenset((
    "load_extension", "readfile", "writefile", "edit", "fsdir", "lsmode", "fts3_tokenizer", "fts5", "rtreecheck", "rtreenode",
    "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_log", "sqlite_offset", "sqlite_source_id", "zipfile",
    "sqlar_compress", "sqlar_uncompress", "zeroblob", "randomblob", "eval", "shell", "getenv",
))  # fmt: skip
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 2_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
STEPS = 10_000  # of SQLite's machine between two looks at the clock
DATES = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?")


def query(question: Question) -> Table:
    """Run one SELECT. Raises Failed."""
    with closing(_opened(question.address)) as connection:
        _guard(connection, _relations(connection), question.seconds)
        try:
            return _rows_of(connection.execute(question.query))
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _said(error) from None


def describe(question: Question) -> Description:
    """Describe the tables. Raises Failed."""
    with closing(_opened(question.address)) as connection:
        rows = connection.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' ORDER BY name")
        names = [str(name) for (name,) in rows if not name.startswith("sqlite_")]
        found = tuple(_relation(connection, name) for name in names[:MOST_RELATIONS])
        return Description(found, len(names) > MOST_RELATIONS)


def _opened(path: str) -> sqlite3.Connection:
    """Open the file, which must exist, for reading."""
    try:
        connection = sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True, isolation_level=None, cached_statements=0)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the first look into the file
    except sqlite3.Error:
        raise Failed(UNREACHABLE, "The file of this database cannot be read.") from None
    connection.text_factory = _text
    return connection


def _text(found: bytes) -> str:
    return found.decode("utf-8", "replace")


def _relations(connection: sqlite3.Connection) -> frozenset[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    return frozenset(str(name) for (name,) in rows)


def _guard(connection: sqlite3.Connection, tables: frozenset[str], seconds: float) -> None:
    """Bound the connection. From here on, only a SELECT over these tables can be compiled."""
    for limit, most in LIMITS.items():
        connection.setlimit(limit, most)
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    _prepare(connection)
    readable = frozenset(name.lower() for name in (*tables, *SCHEMA, *TABLE_FUNCTIONS))

    def allowed(action: int, what: str | None, column: str | None, _database: str | None, _source: str | None) -> int:
        return sqlite3.SQLITE_OK if _is_allowed(action, what or "", column or "", readable) else sqlite3.SQLITE_DENY

    connection.set_authorizer(allowed)


def _prepare(connection: sqlite3.Connection) -> None:
    """Touch table functions and virtual tables: SQLite declares them at their first use, which the guard would refuse."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'").fetchall()
    for name in (*TABLE_FUNCTIONS, *(_quoted(str(name)) for (name,) in rows)):
        try:
            connection.execute(f"SELECT 1 FROM {name} LIMIT 0")  # noqa: S608  a quoted name
        except sqlite3.Error:  # of a module that is not here
            pass


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_allowed(action: int, what: str, column: str, readable: frozenset[str]) -> bool:
    if action == sqlite3.SQLITE_READ:
        # Without a column it may be the name that the query itself gave to a part: its rows are counted, nothing is read.
        return what.lower() in readable or (not column and not what.lower().startswith(("sqlite_", "dbstat", "pragma_", "fts")))
    if action == sqlite3.SQLITE_FUNCTION:
        return column.lower() not in FORBIDDEN_FUNCTIONS  # the name stands in the third place
    if action == sqlite3.SQLITE_PRAGMA:
        return what.lower() == "data_version" and not column  # full-text search asks itself whether the file has changed
    return action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)


def _rows_of(cursor: sqlite3.Cursor) -> Table:
    if cursor.description is None:
        raise Failed(REFUSED, "Only one SELECT can be run.")
    rows, kinds = Rows(), [""] * len(cursor.description)
    for row in cursor:
        cells = [_cell(value) for value in row]
        kinds = [kind if cell is None else _kind(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]
        if not rows.add(cells):
            break
    names = [str(one[0]) for one in cursor.description]
    return rows.table(tuple(Column(name, kind or "text") for name, kind in zip(names, kinds, strict=True)))


def _cell(value: Any) -> Cell:
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, float):
        return real(value)
    return integer(value) if isinstance(value, int) else value


def _kind(cell: Cell, before: str) -> str:
    """SQLite has no types of columns: all values together tell it."""
    kind = "text" if isinstance(cell, str) else "number"
    if isinstance(cell, str) and DATES.fullmatch(cell):
        kind = "date"
    return kind if before in ("", kind) else "text"


def _relation(connection: sqlite3.Connection, name: str) -> Relation:
    quoted = _quoted(name)
    keys = connection.execute(f"PRAGMA foreign_key_list({quoted})")
    refers = {row[3]: f"refers to {row[2]}.{row[4] or 'its key'}" for row in keys}
    fields = []
    for row in connection.execute(f"PRAGMA table_info({quoted})"):
        notes = (("key" if row[5] else ""), refers.get(row[1], ""))
        fields.append(Field(str(row[1]), str(row[2]).lower(), ", ".join(note for note in notes if note)))
    return Relation(name, tuple(fields))


def _said(error: Exception) -> Failed:
    words = str(error).splitlines()[0] if str(error) else "SQLite gave no reason."
    if words == "interrupted":
        return SLOW
    if words in ("string or blob too big", "out of memory"):
        return LARGE
    if "one statement at a time" in words:
        return Failed(REFUSED, "Only one SELECT can be run at a time.")
    if "authoriz" in words or "prohibited" in words:
        return Failed(REFUSED, f"This is not allowed ({words[:200]}). Queries can only read, with one SELECT.")
    return Failed("SQLite", words[:300])
