"""The databases that a person may query, and the asking of one. The right is asked at each use."""

import logging
from typing import NamedTuple

from accounts.access import USE, may_each
from accounts.models import User
from accounts.storage.connections import in_database
from accounts.vault import store
from tools.builtin.disposable.pool import NeededTooMuch, Pool, ProcessEnded, TookTooLong
from tools.builtin.sql import addresses, sample
from tools.builtin.sql.addresses import BadDatabaseAddress
from tools.builtin.sql.child.protocol import (
    LARGE,
    SLOW,
    STATEMENT_SECONDS,
    Answer,
    Description,
    Problem,
    Question,
    Table,
    answers,
    encode,
)
from tools.models import SqlDatabase
from tools.specs import ToolError

logger = logging.getLogger("tools.builtin.sql")
MOST = 100
SECONDS = STATEMENT_SECONDS
DEFAULT_SCHEMAS = ["public"]
_queries = Pool("tools.builtin.sql.child.job")


async def usable(person: User) -> list[SqlDatabase]:
    """The databases that the person may query now, by name."""
    return await in_database(_usable, person)


async def describe(person: User, name: str) -> Description:
    """Describe the tables of a database. Raises ToolError."""
    answer = await _ask(await _found(person, name), "")
    assert isinstance(answer, Description)  # noqa: S101  for the type checker
    return answer


async def query(person: User, name: str, text: str) -> Table:
    """Run a query. Raises ToolError."""
    if not text.strip():
        raise ToolError("The query is empty. Write one SELECT.")
    answer = await _ask(await _found(person, name), text)
    assert isinstance(answer, Table)  # noqa: S101  for the type checker
    return answer


class Examined(NamedTuple):
    """A sentence about a database, for operators."""

    answers: bool
    words: str


async def examine(database: SqlDatabase) -> Examined:
    """Find out whether the database answers."""
    try:
        answer = await _ask(database, "")
    except ToolError as error:
        return Examined(answers=False, words=f"{database.name} cannot be queried now. {error}")
    assert isinstance(answer, Description)  # noqa: S101  for the type checker
    return Examined(answers=True, words=f"{database.name} answers. Queries can read {len(answer.relations)} tables and views.")


def _usable(person: User) -> list[SqlDatabase]:
    rows = list(SqlDatabase.objects.filter(tenant=person.tenant_id, enabled=True).order_by("name")[:MOST])
    decided = may_each(person, USE, [row.thing for row in rows])
    return [row for row, decision in zip(rows, decided, strict=True) if decision]


async def _found(person: User, name: str) -> SqlDatabase:
    """The database with that name. One that the person may not use is as unknown as one that does not exist."""
    rows = await usable(person)
    for row in rows:
        if row.name == name.strip().lower():
            return row
    names = ", ".join(row.name for row in rows)
    raise ToolError(
        f"There is no database {name[:60]!r} here. " + (f"There are: {names}." if names else "You may not query any.")
    )


async def _ask(database: SqlDatabase, text: str) -> Answer:
    try:
        question = await _question(database, text)
    except BadDatabaseAddress as error:
        raise ToolError(f"The address of this database cannot be used. {error}") from None
    except store.VaultError:
        logger.warning("The address of the database %s could not be read from the vault.", database.pk)
        raise ToolError("The address of this database could not be read. An operator can enter it again.") from None
    answer = await _answer(question)
    if isinstance(answer, Problem):
        raise ToolError(f"{answer.words} [{answer.code}]")
    return answer


async def _answer(question: Question) -> Answer:
    try:
        return answers.decode(await _queries.ask(encode(question)))
    except TookTooLong:
        return SLOW.problem
    except NeededTooMuch:
        return LARGE.problem
    except ProcessEnded:
        raise ToolError("The query could not be run. An operator can find the reason in Galaxy's log.") from None


async def _question(database: SqlDatabase, text: str) -> Question:
    """Put the question together. Raises BadDatabaseAddress, VaultError."""
    if database.kind == SqlDatabase.Kind.SAMPLE:
        return Question(kind="sqlite", address=str(await sample.file()), query=text, seconds=SECONDS)
    address = await in_database(_address, database)
    if addresses.check(database.kind, address, by_owner=database.by_owner) != database.place:
        raise BadDatabaseAddress("It was changed outside the page of databases. An operator can enter it there.")
    if database.kind == SqlDatabase.Kind.SQLITE:
        return Question(kind="sqlite", address=addresses.file_of(address), query=text, seconds=SECONDS)
    target = await addresses.connection_string(address, by_owner=database.by_owner)
    schemas = tuple(database.schemas or DEFAULT_SCHEMAS)
    return Question(kind="postgresql", address=target, schemas=schemas, query=text, seconds=SECONDS)


def _address(database: SqlDatabase) -> str:
    if database.secret is None:
        raise BadDatabaseAddress("It has none. An operator can enter it.")
    return store.reveal(database.secret)
