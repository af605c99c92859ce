"""Values between Galaxy and the job of queries."""

import msgspec
from msgspec import Struct

# Limits of one query, in seconds: at the last of the three the process ends itself.
STATEMENT_SECONDS, CONNECT_SECONDS, MOST_SECONDS = 10.0, 5, 18.0
MOST_ROWS = 1000
MOST_RESULT_BYTES = 160 * 1024  # with names and signs around them less than a call keeps
MOST_CELL = 4000  # characters
MOST_RELATIONS = 200

Cell = str | int | float | bool | None


class Question(Struct, frozen=True, kw_only=True):
    """A query, or without one the wish for a description. `address` is a connection string, or a path of SQLite."""

    kind: str
    address: str
    schemas: tuple[str, ...] = ()
    query: str = ""
    seconds: float = STATEMENT_SECONDS


class Column(Struct, frozen=True):
    """A column of a result; its type is text, number, date or boolean."""

    name: str
    type: str


class Table(Struct, frozen=True, tag=True):
    """Rows of a result. `truncated` if there were more, or longer ones."""

    columns: tuple[Column, ...]
    rows: list[list[Cell]]
    truncated: bool = False


class Field(Struct, frozen=True):
    """A column of a table, its type in the database's words, and what is known of it: key, reference."""

    name: str
    type: str
    note: str = ""


class Relation(Struct, frozen=True):
    """A table or view."""

    name: str
    fields: tuple[Field, ...]
    note: str = ""


class Description(Struct, frozen=True, tag=True):
    """Tables of a database. `truncated` if there are more."""

    relations: tuple[Relation, ...]
    truncated: bool = False


class Problem(Struct, frozen=True, tag=True):
    """Reason why there is no result, in words for the model. `code` is a SQLSTATE, or a word of ours."""

    code: str
    words: str


class Failed(Exception):
    """A query that was refused or failed, for a reason that the model may read."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.problem = Problem(code, words)


Answer = Table | Description | Problem
REFUSED, TOO_SLOW, TOO_LARGE, UNREACHABLE = "refused", "too_slow", "too_large", "unreachable"
SLOW = Failed(TOO_SLOW, "The query took too long. Ask for less at once.")
LARGE = Failed(TOO_LARGE, "The result, or a step on the way to it, needs too much memory. Ask for less at once.")

questions = msgspec.msgpack.Decoder(Question)
answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
encode = msgspec.msgpack.Encoder().encode
