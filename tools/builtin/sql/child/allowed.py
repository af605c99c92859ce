"""The allow-list for PostgreSQL: one SELECT, over allowed schemas, with known functions.

The statement is written anew from the tree that was checked, without comments, and checked once more: where our parser and
PostgreSQL's could read one text in two ways, PostgreSQL gets the reading that was checked.
"""

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tools.builtin.sql.child.function_names import ALLOWED
from tools.builtin.sql.child.protocol import REFUSED, Failed

MOST_SQL = 20_000  # characters
MOST_REPEATED = 10_000
EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?!ANALY[SZ]E\b)(?=SELECT\b|WITH\b|\()", re.IGNORECASE)
SYSTEM = ("pg_", "information_schema")
DIALECT = "postgres"

STATEMENTS = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Drop, exp.Alter, exp.Set)
OUTSIDE = (exp.Parameter, exp.Placeholder, exp.SessionParameter, exp.ObjectIdentifier)
# Functions that sqlglot knows, and that tell of the server or the role, read files, or repeat a text without a bound.
FORBIDDEN = (
    exp.CurrentUser, exp.SessionUser, exp.CurrentRole, exp.CurrentSchema, exp.CurrentSchemas, exp.CurrentCatalog,
    exp.CurrentDatabase, exp.CurrentVersion, exp.ReadCSV, exp.ReadParquet, exp.ToFile, exp.Space, exp.NextValueFor,
    exp.DynamicIdentifier, exp.ObjectId, exp.Host,
)  # fmt: skip

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def checked(text: str, schemas: tuple[str, ...]) -> str:
    """Return the SELECT that PostgreSQL may run for this text. Raises Failed."""
    explained = EXPLAIN.match(text)
    tree = _one(text[explained.end() :] if explained else text)
    _check(tree, schemas)
    written = tree.sql(dialect=DIALECT, comments=False)
    _check(_one(written), schemas)
    return f"EXPLAIN {written}" if explained else written


def _one(text: str) -> exp.Expr:
    """The only statement of a text, if it is a SELECT."""
    if len(text) > MOST_SQL or "\0" in text:
        raise _refused(f"A query has at most {MOST_SQL:,} characters, and no NUL")
    try:
        found = [tree for tree in sqlglot.parse(text, dialect=DIALECT) if tree and not isinstance(tree, exp.Semicolon)]
    except RecursionError:
        raise _refused("This query is nested too deeply") from None
    except SqlglotError as error:
        raise _refused(f"This query could not be read ({str(error).splitlines()[0][:160]})") from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise _refused("Only one SELECT can be run at a time")
    return found[0]


def _check(tree: exp.Expr, schemas: tuple[str, ...]) -> None:
    for node in tree.walk():
        if isinstance(node, STATEMENTS):
            raise _refused("Queries can only read")
        if isinstance(node, OUTSIDE):
            raise _refused(f"{type(node).__name__} is not allowed in a query")
        if isinstance(node, exp.Table):
            _check_table(node, schemas)
        elif isinstance(node, exp.DataType):
            _check_type(node)
        elif isinstance(node, exp.Func):
            _check_function(node)
        elif isinstance(node, exp.Dot):
            _check_dot(node)


def _check_table(table: exp.Table, schemas: tuple[str, ...]) -> None:
    """Names without a schema are looked up in the allowed schemas, and always in pg_catalog, whose names begin with pg_.

    That holds for names of parts (WITH pg_x AS …), too: inside its own definition such a name means the table.
    """
    if isinstance(table.this, exp.Func):
        return  # a function in the place of a table is met as a function
    if table.catalog or (table.db and _folded(table.args["db"]) not in schemas):
        raise _refused(f"Queries may not read tables of {table.db}, only those of {', '.join(schemas)}")
    if _name(table.this).startswith(SYSTEM):
        raise _refused("Queries may not read tables of the system")


def _folded(identifier: exp.Identifier) -> str:
    """The name that PostgreSQL reads: what is not quoted is in lower case."""
    return identifier.name if identifier.args.get("quoted") else identifier.name.lower()


def _check_type(kind: exp.DataType) -> None:
    """Types such as regclass look names up in the catalogue."""
    own = kind.args.get("kind")
    if own is not None:
        last = _name(own.expression if isinstance(own, exp.Dot) else own)
        if last.lstrip("_").startswith(("reg", *SYSTEM)):  # an underscore makes an array of it
            raise _refused("This type is not allowed in a query")


def _check_function(function: exp.Func) -> None:
    if isinstance(function, FORBIDDEN):
        raise _refused(f"The function {function.sql_name().lower()} is not allowed in a query")
    if isinstance(function, exp.Anonymous) and _name(function.this) not in ALLOWED:
        raise _refused(f"The function {_name(function.this)[:60]} is not allowed in a query")
    count = function.args.get("times") if isinstance(function, exp.Repeat) else None
    count = function.args.get("expression") if isinstance(function, exp.Pad) else count
    if count is not None and not (count.is_int and int(count.name) <= MOST_REPEATED):
        raise _refused(f"A text can be repeated or padded up to {MOST_REPEATED:,} times, with the number written out")


def _check_dot(dot: exp.Dot) -> None:
    """A function of a schema: only those of PostgreSQL itself, which are checked by their name."""
    of_system = isinstance(dot.this, exp.Identifier) and _folded(dot.this) == "pg_catalog"
    if isinstance(dot.expression, exp.Func) and not of_system:
        raise _refused("Functions of other schemas are not allowed in a query")


def _name(node: object) -> str:
    return (node.name if isinstance(node, exp.Expr) else str(node)).lower()


def _refused(why: str) -> Failed:
    return Failed(REFUSED, f"{why}.")
