"""Rights to query a database, the sample that everyone has, and the operators' page."""

import sqlite3
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from accounts.models import AuditEntry, Grant, Group, Membership, Secret, Tenant, User
from accounts.people import directory
from accounts.vault import store
from tests.accounts.operators.steps import act, operator, submit
from tests.client import Client
from tests.people import move_in
from tests.stack import Galaxy
from tests.tools.calling import call, data, refused
from tests.tools.databases import configure, grant, make_file
from tools.builtin.sql import addresses
from tools.builtin.sql.addresses import BadDatabaseAddress
from tools.models import SqlDatabase

PAGE = "/admin/tools/sqldatabase"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_file(tmp_path / "things.sqlite")
    return tmp_path / "things.sqlite"


@pytest.fixture
def database(file: Path, alice: User) -> SqlDatabase:
    """A database of alice's tenant, granted to her alone."""
    row = configure(alice.tenant, "things", "sqlite", f"sqlite://{file}", description="Things we own")
    grant(row, person=alice)
    return row


async def names(person: User) -> list[str]:
    return [one["name"] for one in (await data(person, "list_databases"))["databases"]]


async def test_the_sample_can_be_tried_by_everyone(alice: User, charlie: User) -> None:
    for person in (alice, charlie):
        assert await names(person) == ["sample_shop"]
        assert "order_items" in (await call(person, "describe_database", database="sample_shop")).text
        found = await data(person, "sql_query", database="sample_shop", query="SELECT count(*) FROM orders")
        assert found["rows"] == [[720]]
    reply = await call(
        alice, "sql_query", database="sample_shop", query="SELECT name, price FROM products ORDER BY 2 DESC LIMIT 2"
    )
    assert reply.text == "name | price\nDesk | 329\nOffice chair | 259\n(2 rows)"


async def test_a_database_is_seen_and_queried_only_by_those_to_whom_it_is_granted(
    database: SqlDatabase, alice: User, bob: User, charlie: User
) -> None:
    assert await names(alice) == ["sample_shop", "things"]
    assert (await data(alice, "sql_query", database="things", query="SELECT count(*) FROM things"))["rows"] == [[100]]
    for stranger in (bob, charlie):
        assert await names(stranger) == ["sample_shop"]
        unknown = await refused(stranger, "sql_query", database="nothing", query="SELECT 1")
        for query in ("SELECT 1", "DROP TABLE things", "x"):
            assert (await refused(stranger, "sql_query", database="things", query=query)).replace(
                "things", "nothing"
            ) == unknown
        assert "Things we own" not in await refused(stranger, "describe_database", database="things")


async def test_a_query_by_plain_http(database: SqlDatabase, alice_client: Client, charlie_client: Client) -> None:
    body = {"name": "sql_query", "arguments": {"database": "things", "query": "SELECT id, name FROM things WHERE id < 3"}}
    async with alice_client.rest() as rest, charlie_client.rest() as strangers:
        done = (await rest.post("/tools/call", json=body)).json()
        assert done["isError"] is False
        assert done["structuredContent"] == {
            "columns": [{"name": "id", "type": "number"}, {"name": "name", "type": "text"}],
            "rows": [[1, "Thing 1"], [2, "Thing 2"]],
            "truncated": False,
        }
        assert done["content"][0]["text"] == "id | name\n1 | Thing 1\n2 | Thing 2\n(2 rows)"
        refusal = (await strangers.post("/tools/call", json=body)).json()
        assert refusal["isError"] is True
        assert "There is no database 'things' here" in refusal["content"][0]["text"]


async def test_rights_count_at_the_moment_of_use(database: SqlDatabase, bob: User) -> None:
    group = await Group.objects.acreate(tenant=bob.tenant, name="Readers")
    given = await Grant.objects.acreate(tenant=bob.tenant, action="use", kind="database", target=str(database.pk), group=group)
    assert await names(bob) == ["sample_shop"]
    await Membership.objects.acreate(group=group, person=bob)
    assert await names(bob) == ["sample_shop", "things"]
    await given.adelete()
    assert "no database" in await refused(bob, "describe_database", database="things")
    await Grant.objects.filter(tenant=bob.tenant, kind="database").adelete()
    assert "may not" in (await call(bob, "list_databases")).text or await names(bob) == []


async def test_a_database_that_is_off_is_not_there(database: SqlDatabase, alice: User) -> None:
    await SqlDatabase.objects.filter(pk=database.pk).aupdate(enabled=False)
    assert await names(alice) == ["sample_shop"]


async def test_an_address_that_was_changed_elsewhere_is_not_used(database: SqlDatabase, alice: User, tmp_path: Path) -> None:
    """Operators of a tenant may write secrets; only the owner may open files, and only on the page of databases."""
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).close()
    await replace_secret(database, f"sqlite://{other}")
    assert "changed" in await refused(alice, "sql_query", database="things", query="SELECT 1")
    await Secret.objects.filter(tenant=alice.tenant).adelete()
    assert "has none" in await refused(alice, "sql_query", database="things", query="SELECT 1")


async def replace_secret(database: SqlDatabase, address: str) -> None:
    await sync_to_async(store.put)(database.tenant, f"database {database.pk}", address)


# Addresses that cannot be used by the owner, and by another operator.
NEVER = (
    "", "shop", "http://example.org/", "postgres://", "postgres://db.example.org/shop", "postgres://u@db.example.org",
    "postgres://u:p@a.example,b.example/shop", "postgres://u:p@db.example.org:5432,5433/shop", "host=x dbname=y user=z",
    "postgres://u:p@db.example.org/shop?options=-c%20role%3Dadmin", "postgres://u:p@db.example.org/shop?passfile=/etc/passwd",
    "postgres://u:p@db.example.org/shop?service=x", "postgres://u:p@db.example.org/shop?sslkey=/etc/key",
)  # fmt: skip
BY_OWNER = (
    "postgres://u:p@/shop?host=/run/postgresql",
    "postgres://u:p@db.example.org/shop?sslrootcert=/etc/ca.pem&sslmode=verify-full",
)


def test_an_address_names_one_server_and_no_files() -> None:
    for address in (*NEVER, *BY_OWNER):
        with pytest.raises(BadDatabaseAddress):
            addresses.check("postgresql", address, by_owner=False)
    for address in NEVER:
        with pytest.raises(BadDatabaseAddress):
            addresses.check("postgresql", address, by_owner=True)
    for address in BY_OWNER:
        assert addresses.check("postgresql", address, by_owner=True)
    assert addresses.check("postgresql", "postgres://u:p%40@db.example.org/shop", by_owner=False) == "db.example.org:5432/shop"
    for address in ("sqlite:///tmp/x.sqlite", "/tmp/x.sqlite"):
        with pytest.raises(BadDatabaseAddress):
            addresses.check("sqlite", address, by_owner=False)
    for address in ("", "/tmp/x.sqlite", "sqlite:x.sqlite", "sqlite://host/x.sqlite", "sqlite:///x.sqlite?mode=rwc"):
        with pytest.raises(BadDatabaseAddress):
            addresses.check("sqlite", address, by_owner=True)


def test_galaxys_own_role_is_not_taken(galaxy: Galaxy) -> None:
    own = f"postgres://galaxy:p@/galaxy?host={galaxy.data_dir}/run/postgres"
    place = settings.DATABASES["default"]["HOST"]
    with pytest.raises(BadDatabaseAddress, match="own role"):
        addresses.check("postgresql", own.replace(f"{galaxy.data_dir}/run/postgres", place), by_owner=True)


async def test_an_address_of_the_own_network_is_the_owners_alone(alice: User, tmp_path: Path) -> None:
    row = await sync_to_async(configure)(alice.tenant, "near", "postgresql", "postgres://u:p@127.0.0.1:9/x", by_owner=False)
    await sync_to_async(grant)(row, person=alice)
    assert "private network" in await refused(alice, "sql_query", database="near", query="SELECT 1")


def test_operators_add_a_database_and_see_whether_it_answers(galaxy: Galaxy, file: Path, alice: User) -> None:
    given = {"name": "things", "kind": "sqlite", "schemas": "", "description": "", "enabled": "on"}
    with operator(galaxy, alice) as browser:
        page = submit(browser, f"{PAGE}/add/", **given, address=f"sqlite://{file}").text
        assert "Only the owner of this Galaxy can open files" in page
    owner = directory.owner()
    with operator(galaxy, owner) as browser:
        submit(browser, f"{PAGE}/add/", **given, address=f"sqlite://{file}")
        row = SqlDatabase.objects.get(tenant=owner.tenant, name="things")
        assert (row.place, row.by_owner) == (str(file), True)
        assert "things answers. Queries can read 4 tables and views." in browser.get(f"{PAGE}/").text
        page = browser.get(f"{PAGE}/{row.pk}/change/").text
        assert f"sqlite://{file}" not in page
        submit(browser, f"{PAGE}/{row.pk}/change/", **given | {"description": "Things we own"}, address="")
        row.refresh_from_db()
        assert row.description == "Things we own"
        assert row.secret
        assert store.reveal(row.secret) == f"sqlite://{file}"
        act(browser, f"{PAGE}/", "delete_selected", row.pk, post="yes")
        assert not SqlDatabase.objects.filter(pk=row.pk).exists()
        assert not Secret.objects.filter(pk=row.secret.pk).exists()


def test_operators_of_another_tenant_see_no_database(galaxy: Galaxy, database: SqlDatabase, charlie: User) -> None:
    with operator(galaxy, charlie) as browser:
        assert "things" not in browser.get(f"{PAGE}/").text
        assert browser.get(f"{PAGE}/{database.pk}/change/").status_code in (302, 404)


def test_a_new_tenant_begins_with_the_sample(galaxy: Galaxy) -> None:
    tenant: Tenant = move_in().alice.tenant
    (row,) = SqlDatabase.objects.filter(tenant=tenant)
    assert (row.name, row.dialect) == ("sample_shop", "SQLite")
    assert Grant.objects.filter(tenant=tenant, kind="database", target=str(row.pk), person=None, group=None).count() == 1
    assert not AuditEntry.objects.filter(tenant=str(tenant.pk), action__startswith="secret").exists()
