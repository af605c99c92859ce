"""PostgreSQL: a connection for each query, one transaction that can only read, and a cursor that takes nothing but a SELECT."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from tools.builtin.sql.child.allowed import checked
from tools.builtin.sql.child.cells import Rows, number, real
from tools.builtin.sql.child.postgres_schema import relations
from tools.builtin.sql.child.protocol import (
    CONNECT_SECONDS,
    LARGE,
    MOST_RELATIONS,
    MOST_ROWS,
    REFUSED,
    SLOW,
    UNREACHABLE,
    Cell,
    Column,
    Description,
    Failed,
    Question,
    Table,
)

INTEGERS, FLOATS, NUMERIC, BOOLEAN = (20, 21, 23, 26), (700, 701), 1700, 16  # oids of types, from pg_type.dat
DATES = (1082, 1114, 1184)
OUT_OF_TIME = ("57014", "55P03")  # query_canceled, lock_not_available
# All of it ends with the transaction, also behind a pooler that shares connections.
SETTINGS = {
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "jit": "off",
}
ENDS_WITH_CLIENT = 140_000  # the version that notices, in the middle of a query, that its client has gone
WORD = re.compile(r"\w+")
# Functions with the rights of their owner, and those that have effects. PostgreSQL finds them by the types of their arguments.
OWN_FUNCTIONS = """
SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY(%(schemas)s) AND lower(p.proname) = ANY(%(words)s) AND (p.prosecdef OR p.provolatile = 'v')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
LIMIT 1
"""
NOTHING = Failed("PostgreSQL", "The connection to the database was lost.")


def query(question: Question) -> Table:
    """Run one SELECT. Raises Failed."""
    statement = checked(question.query, question.schemas)
    with _transaction(question) as connection:
        _check_names(connection, statement, question.schemas)
        if statement.startswith("EXPLAIN "):
            return _fetched(connection.pgconn, statement)
        _run(connection.pgconn, f"DECLARE answer NO SCROLL CURSOR FOR {statement}")
        return _fetched(connection.pgconn, f"FETCH FORWARD {MOST_ROWS + 1} FROM answer")


def describe(question: Question) -> Description:
    """Describe the tables. Raises Failed."""
    with _transaction(question) as connection:
        found = relations(connection, question.schemas, MOST_RELATIONS + 1)
    return Description(found[:MOST_RELATIONS], len(found) > MOST_RELATIONS)


@contextmanager
def _transaction(question: Question) -> "Iterator[psycopg.Connection[Any]]":
    """Connect, begin to read, and never commit. No role that may do everything is used."""
    with closing(_connected(question.address)) as connection:
        try:
            connection.execute("SET TRANSACTION READ ONLY")
            for name, value in _settings(connection, question).items():
                connection.execute("SELECT set_config(%s, %s, true)", (name, value))
            _check_role(connection)
            yield connection
        except psycopg.Error as error:
            raise _said(error.sqlstate, error.diag.message_primary or "") from None


def _connected(address: str) -> "psycopg.Connection[Any]":
    try:
        given: dict[str, Any] = conninfo_to_dict(address)
        return psycopg.connect(**given, connect_timeout=CONNECT_SECONDS, application_name="Galaxy", gssencmode="disable")
    except psycopg.Error as error:  # its text may contain the address
        refused = "authentication" in str(error) or "role" in str(error)
        why = "The database does not accept Galaxy's sign-in." if refused else "The database does not answer."
        raise Failed(UNREACHABLE, why) from None


def _settings(connection: "psycopg.Connection[Any]", question: Question) -> dict[str, str]:
    path = ", ".join('"' + name.replace('"', '""') + '"' for name in question.schemas)
    own = {"search_path": path, "statement_timeout": f"{question.seconds * 1000:.0f}ms"}
    if connection.info.server_version >= ENDS_WITH_CLIENT:
        own["client_connection_check_interval"] = "500ms"
    return SETTINGS | own


def _check_role(connection: "psycopg.Connection[Any]") -> None:
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row is None or row[0]:
        raise Failed(
            REFUSED, "Galaxy does not query a database as its superuser. An operator can give it a role that only reads."
        )


def _check_names(connection: "psycopg.Connection[Any]", statement: str, schemas: tuple[str, ...]) -> None:
    """Refuse functions of the open schemas that could do more than the query: also lower(7) may be one, or c.lower of a row."""
    words = list(set(WORD.findall(statement.lower())))
    row = connection.execute(OWN_FUNCTIONS, {"schemas": list(schemas), "words": words}).fetchone()
    if row:
        raise Failed(REFUSED, f"{row[0]} is also the name of a function of this database, which queries may not call.")


def _run(connection: pq.abc.PGconn, statement: str) -> None:
    """Run one statement. The extended protocol takes no second one."""
    result = connection.exec_params(statement.encode(), None)
    if result.status == pq.ExecStatus.FATAL_ERROR:
        raise _of_result(result)


def _fetched(connection: pq.abc.PGconn, statement: str) -> Table:
    """Read rows one by one, so that no more than one is in memory, until there is no place for more."""
    connection.send_query_params(statement.encode(), None)
    connection.set_single_row_mode()
    rows = Rows()
    columns: tuple[Column, ...] = ()
    while result := connection.get_result():
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise _of_result(result)
        columns = columns or tuple(_column(result, at) for at in range(result.nfields))
        if result.ntuples and not rows.add([_cell(result, at) for at in range(result.nfields)]):
            break
    return rows.table(columns)


def _column(result: pq.abc.PGresult, at: int) -> Column:
    oid = result.ftype(at)
    name = (result.fname(at) or b"").decode("utf-8", "replace")
    if oid in (*INTEGERS, *FLOATS, NUMERIC):
        return Column(name, "number")
    return Column(name, "date" if oid in DATES else "boolean" if oid == BOOLEAN else "text")


def _cell(result: pq.abc.PGresult, at: int) -> Cell:
    raw = result.get_value(0, at)
    if raw is None:
        return None
    text, oid = raw.decode("utf-8", "replace"), result.ftype(at)
    if oid == BOOLEAN:
        return text == "t"
    if oid in (*INTEGERS, NUMERIC):
        return number(text)
    return real(float(text)) if oid in FLOATS else text


def _of_result(result: pq.abc.PGresult) -> Failed:
    code = result.error_field(pq.DiagnosticField.SQLSTATE)
    words = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or result.error_message
    return _said(code.decode() if code else None, words.decode("utf-8", "replace"))


def _said(code: str | None, words: str) -> Failed:
    """The database's error as its code and its first line: later lines may quote other people's rows."""
    if code in OUT_OF_TIME:
        return SLOW
    if code is None:
        return LARGE if "memory" in words else NOTHING
    return Failed(code, words.partition("\n")[0][:300])
