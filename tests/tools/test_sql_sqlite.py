"""Queries over SQLite: they read one file, and change nothing."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from accounts.models import User
from tests.tools import attacks_sqlite
from tests.tools.calling import data, outcome, refused
from tests.tools.databases import CANARY, configure, grant, make_file
from tools.builtin.sql import databases

HARMLESS = (
    ("SELECT count(*) FROM things", 100),
    ("SELECT count(*) FROM things;", 100),
    ("SELECT name FROM things ORDER BY price DESC LIMIT 1", "Thing 100"),
    ("SELECT strftime('%Y-%m', made), count(*) FROM things GROUP BY 1 ORDER BY 1", "2026-01"),
    ("SELECT t.name, p.part FROM things t JOIN parts p ON p.thing_id = t.id WHERE t.id = 7", "Thing 7"),
    ("SELECT count(*) FROM dear", 67),
    ("WITH t AS (SELECT 1) SELECT count(*) FROM t", 1),
    ("WITH RECURSIVE n (x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT sum(x) FROM n", 45),
    ("SELECT id, rank() OVER (ORDER BY price DESC) FROM things LIMIT 1", 100),
    ("SELECT group_concat(name, ', ') FROM (SELECT name FROM things LIMIT 2)", "Thing 1, Thing 2"),
    ("SELECT value FROM json_each('[5, 6]')", 5),
    ("SELECT json_extract('{\"a\": 7}', '$.a'), '{\"a\": 7}' ->> 'a'", 7),
    ("SELECT body FROM texts WHERE texts MATCH 'green'", "a green lamp"),
    ("SELECT printf('%.2f', avg(price)) FROM things", "75.75"),
    ("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 1", "parts"),
    ("SELECT round(julianday('2026-02-01') - julianday('2026-01-01'))", 31),
    ("SELECT CASE WHEN price > 50 THEN 'dear' ELSE 'cheap' END, count(*) FROM things GROUP BY 1 ORDER BY 2", "cheap"),
    ("SELECT 1 UNION SELECT 2 ORDER BY 1 DESC", 2),
    ("SELECT x'00ff'", "(2 bytes)"),
    ("SELECT 9007199254740993", "9007199254740993"),
    ("VALUES (1, 2)", 1),
    ("EXPLAIN QUERY PLAN SELECT * FROM things", 2),
    ("SELECT /* a comment */ NULL -- and another", None),
)


@pytest.fixture
def folder(tmp_path: Path, alice: User) -> Path:
    """A folder with a database that alice may query, and with canaries."""
    make_file(tmp_path / "things.sqlite")
    (tmp_path / "canary.txt").write_text(CANARY)
    with closing(sqlite3.connect(tmp_path / "canary.sqlite")) as other:
        other.executescript(f"CREATE TABLE secrets (word); INSERT INTO secrets VALUES ('{CANARY}')")
    grant(configure(alice.tenant, "things", "sqlite", f"sqlite://{tmp_path}/things.sqlite"), person=alice)
    return tmp_path


async def test_harmless_queries_give_their_rows(folder: Path, alice: User) -> None:
    found = {query: (await data(alice, "sql_query", database="things", query=query))["rows"][0][0] for query, _ in HARMLESS}
    assert found == dict(HARMLESS)


async def test_no_attack_changes_or_reveals_anything(folder: Path, alice: User) -> None:
    before = state(folder)
    attacks = attacks_sqlite.attacks(str(folder))
    assert len(attacks) > 60
    for attack in attacks:
        said = await refused(alice, "sql_query", database="things", query=attack)
        assert CANARY not in said, attack
        assert state(folder) == before, attack


def test_the_attacks_work_where_nothing_holds_them(folder: Path) -> None:
    """The checks above can fail: on an ordinary connection, many of these queries do harm or tell of the machine."""
    harmful = 0
    for attack in attacks_sqlite.attacks(str(folder)):
        before, said = state(folder), []
        try:
            with closing(sqlite3.connect(folder / "things.sqlite", isolation_level=None)) as connection:
                said = connection.execute(attack).fetchall()
        except (sqlite3.Error, sqlite3.Warning):
            pass
        harmful += bool(said) or state(folder) != before
    assert harmful > 25


async def test_heavy_queries_end_soon_with_little(folder: Path, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "SECONDS", 0.3)
    for query in attacks_sqlite.HEAVY:
        assert len(await outcome(alice, "sql_query", database="things", query=query)) < 2_000_000, query
    assert (await data(alice, "sql_query", database="things", query="SELECT 1"))["rows"] == [[1]]


async def test_a_file_that_is_gone_or_none_is_said_to_be(folder: Path, alice: User) -> None:
    (folder / "things.sqlite").write_text("no database " * 1000)
    assert "cannot be read" in await refused(alice, "sql_query", database="things", query="SELECT 1")
    (folder / "things.sqlite").unlink()
    assert "cannot be read" in await refused(alice, "describe_database", database="things")
    assert not (folder / "things.sqlite").exists()


def state(folder: Path) -> dict[str, str]:
    """The files of the folder and what is in them."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
