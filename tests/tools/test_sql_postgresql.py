"""Queries over PostgreSQL: they read what is open, and nothing else happens, though the role may far too much."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest

from accounts.models import User
from tests.tools import attacks_postgresql
from tests.tools.calling import call, data, outcome, refused
from tests.tools.databases import CANARY, PASSWORD, Server, configure, grant, server
from tools.builtin.sql import databases
from tools.models import SqlDatabase

# Queries that must work, and the first cell of what they give.
HARMLESS = (
    ("SELECT count(*) FROM orders", 300),
    ("SELECT count(*) FROM shop.orders;", 300),
    ("select sum(total)::numeric(12,2) from orders", 67725),
    ("SELECT date_trunc('month', at)::date, sum(total) FROM orders GROUP BY 1 ORDER BY 1", "2026-01-01"),
    ("SELECT to_char(at, 'YYYY-MM') AS month FROM orders ORDER BY at LIMIT 1", "2026-01"),
    ("SELECT to_char(at, 'FMDay DD Mon YYYY HH24:MI') FROM orders ORDER BY at LIMIT 1", "Friday 02 Jan 2026 10:00"),
    ("SELECT name FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id ORDER BY sum(total) DESC", "Customer 1"),
    ("WITH big AS (SELECT * FROM orders WHERE total > 400) SELECT count(*) FROM big", 34),
    ("WITH RECURSIVE n (x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT sum(x) FROM n", 45),
    ("SELECT customer_id, rank() OVER (ORDER BY total DESC) FROM totals ORDER BY 2 LIMIT 3", 1),
    ("SELECT lag(total, 1) OVER w FROM orders WINDOW w AS (ORDER BY id) OFFSET 1", 1.5),
    ("SELECT info->>'no', info->'no', info @> '{\"no\": 7}' FROM orders ORDER BY id LIMIT 1", "1"),
    ("SELECT tags[1], array_length(tags, 1), unnest(tags) FROM orders LIMIT 1", "a"),
    ("SELECT string_agg(name, '+' ORDER BY id) FILTER (WHERE vip) FROM customers WHERE id < 7", "Customer 3+Customer 6"),
    ("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders", 225.75),
    ("SELECT DISTINCT ON (vip) vip, id FROM customers ORDER BY vip, id", False),
    ("SELECT name FROM customers WHERE name ILIKE '%MER 1%' OR name ~ '^X' ORDER BY id LIMIT 1", "Customer 1"),
    ("SELECT CASE WHEN total > 100 THEN 'dear' ELSE 'cheap' END, count(*) FROM orders GROUP BY 1 ORDER BY 2", "cheap"),
    ("SELECT extract(year FROM age(date '2026-01-01', born))::int FROM customers WHERE id = 1", 45),
    ("SELECT d::date FROM generate_series('2026-01-30'::date, '2026-02-02', interval '1 day') AS d ORDER BY 1", "2026-01-30"),
    ("SELECT id FROM orders EXCEPT SELECT id FROM orders WHERE id > 1", 1),
    ("SELECT coalesce(NULL, 'x'), round(2.345, 2), 7 / 2, 7 % 4, 2 ^ 3, 'a' || 'b'", "x"),
    ("SELECT round(2.345, 2)", 2.35),
    ("SELECT 7 / 2", 3),
    ("SELECT regexp_replace('a-b', '-', '+'), split_part('a,b', ',', 2), left('abc', 2), initcap('x')", "a+b"),
    ("SELECT json_agg(t) FROM (SELECT id FROM customers ORDER BY id LIMIT 2) t", '[{"id":1}, \n {"id":2}]'),
    ("SELECT c.* FROM customers c, LATERAL (SELECT 1 WHERE c.id = 2) one", 2),
    ("SELECT 'it''s', E'a\\nb', $$dollar$$, 'C:\\dir'", "it's"),
    ("SELECT max(born) - min(born) FROM customers", 1900),
    ("SELECT vip FROM customers WHERE id = 3", True),
    ("SELECT 12345678901234567890::numeric", "12345678901234567890"),
    ("SELECT NULL", None),
    ("EXPLAIN SELECT * FROM orders WHERE id = 1", "Index Scan using orders_pkey on orders"),
    ("(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1 DESC", 2),
    ("SELECT to_tsvector('english', 'green lamps') @@ plainto_tsquery('english', 'lamp')", True),
    ("SELECT count(*) FROM orders WHERE at > now() - interval '9 years' AND at::date BETWEEN '2026-01-01' AND '2027-1-1'", 300),
    ("SELECT /* a comment */ 1 -- and another", 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("postgresql")) as started:
        yield started


@pytest.fixture
def database(shop: Server, alice: User) -> SqlDatabase:
    """The shop, which alice may query."""
    row = configure(alice.tenant, "shop", "postgresql", shop.url, schemas=["shop"])
    grant(row, person=alice)
    return row


async def test_harmless_queries_give_what_postgresql_gives(shop: Server, database: SqlDatabase, alice: User) -> None:
    found = {}
    for query, _ in HARMLESS:
        rows = (await data(alice, "sql_query", database="shop", query=query))["rows"]
        found[query] = rows[0][0]
    expected = dict(HARMLESS)
    plan = next(query for query in expected if query.startswith("EXPLAIN"))
    assert str(found.pop(plan)).startswith(str(expected.pop(plan)))
    assert found == expected


async def test_no_attack_changes_reveals_or_sends_anything(shop: Server, database: SqlDatabase, alice: User) -> None:
    (shop.folder / "canary.txt").write_text(CANARY)
    (shop.folder / "canary.txt").chmod(0o644)
    before = shop.state()
    attacks = attacks_postgresql.attacks(str(shop.folder))
    assert len(attacks) > 150
    for attack in attacks:
        said = await outcome(alice, "sql_query", database="shop", query=attack)
        assert not said.startswith("("), attack
        assert CANARY not in said, attack
        assert PASSWORD not in said, attack
        assert shop.state() == before, attack
        assert shop.notified() == [], attack
        assert not (shop.folder / "stolen.txt").exists(), attack


async def test_heavy_queries_end_soon_with_little(database: SqlDatabase, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "SECONDS", 0.3)
    for query in attacks_postgresql.HEAVY:
        assert len(await outcome(alice, "sql_query", database="shop", query=query)) < 2_000_000, query
    assert (await data(alice, "sql_query", database="shop", query="SELECT 1"))["rows"] == [[1]]


async def test_a_query_that_is_stopped_ends_in_the_database_too(
    shop: Server, database: SqlDatabase, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "SECONDS", 60.0)
    count = "SELECT count(*) FROM generate_series(1, 10000000000) AS n"
    working = asyncio.create_task(outcome(alice, "sql_query", database="shop", query=count))
    await until(lambda: shop.working() == 1)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    await until(lambda: shop.working() == 0)


async def test_long_results_are_cut_and_say_so(database: SqlDatabase, alice: User) -> None:
    query = "SELECT a.id, a.at, a.total, 'x' AS word FROM orders a, customers"
    reply = await call(alice, "sql_query", database="shop", query=query)
    assert reply.data
    assert (len(reply.data["rows"]), reply.data["truncated"]) == (1000, True)
    assert len(reply.text) < 20_000
    assert "Cut" in reply.text
    (block,) = reply.blocks
    assert (block["type"], block["rows"]) == ("table", reply.data["rows"])
    assert [column["type"] for column in block["columns"]] == ["number", "date", "number", "text"]
    assert "(1 row)" in (await call(alice, "sql_query", database="shop", query="SELECT 1")).text


async def test_only_the_open_schemas_are_described(database: SqlDatabase, alice: User) -> None:
    said = (await call(alice, "describe_database", database="shop")).text
    assert "customer_id integer (refers to customers.id)" in said
    assert "People who bought something" in said
    assert not any(word in said for word in ("secrets", "notes", CANARY))


async def test_errors_are_short_and_tell_no_address(shop: Server, database: SqlDatabase, alice: User) -> None:
    assert await refused(alice, "sql_query", database="shop", query="SELECT nothing") == (
        'column "nothing" does not exist [42703]'
    )
    assert "[22P02]" in await refused(alice, "sql_query", database="shop", query="SELECT name::int FROM customers")
    shop.admin.execute("ALTER ROLE analyst NOLOGIN")
    try:
        said = await refused(alice, "sql_query", database="shop", query="SELECT 1")
    finally:
        shop.admin.execute("ALTER ROLE analyst LOGIN")
    assert "does not accept" in said
    assert not any(word in said for word in ("analyst", PASSWORD, "127.0.0.1"))


@pytest.fixture
def of_superuser(shop: Server, alice: User) -> None:
    grant(configure(alice.tenant, "root", "postgresql", shop.url.replace("analyst:", "postgres:")), person=alice)


async def test_a_superuser_is_not_used(of_superuser: None, alice: User) -> None:
    assert "superuser" in await refused(alice, "sql_query", database="root", query="SELECT 1")


async def test_the_attacks_work_where_nothing_holds_them(shop: Server) -> None:
    """The checks above can fail: run by its role alone, many of these queries do harm. It comes last, as the shop is lost."""
    harmful = 0
    options = "-c statement_timeout=200ms -c search_path=shop"
    for attack in sorted(attacks_postgresql.attacks(str(shop.folder)), key=lambda attack: "DROP" in attack):
        before, said = shop.state(), ""
        with closing(psycopg.connect(shop.url, autocommit=True, options=options)) as connection:
            try:
                said = str(connection.execute(attack).fetchall())
            except psycopg.Error:
                pass  # it has no rows, or did not work here
            harmful += CANARY in said or is_changed(shop, before) or bool(shop.notified())
        harmful += (shop.folder / "stolen.txt").exists()
        (shop.folder / "stolen.txt").unlink(missing_ok=True)
    assert harmful > 40


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.05)


def is_changed(shop: Server, before: str) -> bool:
    try:
        return shop.state() != before
    except psycopg.Error:  # what it looks at is gone
        return True
