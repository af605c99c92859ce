"""The audit: what is recorded stays, any change to it is found, and no secret is in it."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts import audit
from accounts.audit import Actor, Entry, anchors, chain, export
from accounts.audit.chain import Head
from accounts.audit.redaction import redacted
from accounts.identity import tokens
from accounts.models import AuditEntry, User
from accounts.storage.connections import in_database
from galaxy.management.commands.audit import not_proven
from tests.client import Client
from tests.stack import Galaxy
from tests.visitor import recorded


@pytest.fixture
def mark(galaxy: object) -> str:
    return secrets.token_hex(8)


def entries(mark: str) -> list[AuditEntry]:
    assert audit.flush()
    return list(AuditEntry.objects.filter(target=mark).order_by("seq"))


def record(mark: str, count: int = 5) -> list[AuditEntry]:
    for number in range(count):
        audit.record("test.done", "test", mark, number=number)
    return entries(mark)


@contextmanager
def tampering() -> Iterator[None]:
    """As someone who owns the database and takes its guard away. Everything is undone afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_audithead; ALTER TABLE accounts_auditentry DISABLE TRIGGER audit_is_kept")
        yield
        transaction.set_rollback(True)


def run(sql: str, **values: int) -> None:
    with connection.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(statement, values or None)


def test_what_is_recorded_says_who_and_how(mark: str, alice: User) -> None:
    with audit.acting(Actor(alice.tenant_id, alice.pk, "session", "127.0.0.1 Firefox")):
        audit.record("test.done", "test", mark, outcome="refused", milliseconds=12.4, why="because")
        audit.record("test.done", "test", mark)
    first, second = entries(mark)
    assert (first.person, first.tenant, first.via) == (str(alice.pk), str(alice.tenant_id), "session")
    assert (first.outcome, first.milliseconds, json.loads(first.detail)) == ("refused", 12, {"why": "because"})
    assert first.correlation == second.correlation != ""


def test_what_is_undone_is_not_recorded(mark: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("test.done", "test", mark)
        raise ZeroDivisionError
    assert entries(mark) == []


async def test_a_task_that_records_is_not_given_a_connection(mark: str) -> None:
    async def recording() -> list[object]:
        audit.record("test.done", "test", mark)
        return list(connections.all(initialized_only=True))

    assert await asyncio.create_task(recording(), context=Context()) == []  # without what tests before have left


@pytest.mark.parametrize(
    "sql", ["UPDATE accounts_auditentry SET outcome = 'ok'", "DELETE FROM accounts_auditentry", "TRUNCATE accounts_auditentry"]
)
def test_the_database_refuses_to_change_an_entry(mark: str, sql: str) -> None:
    record(mark, 1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(sql)


def test_an_untouched_chain_is_whole(mark: str) -> None:
    record(mark)
    assert list(chain.flaws([chain.head()])) == []


CHANGES = {
    "an outcome": "UPDATE accounts_auditentry SET outcome = 'failed' WHERE seq = %(third)s",
    "a person": "UPDATE accounts_auditentry SET person = '' || seq WHERE seq = %(third)s",
    "a moment": "UPDATE accounts_auditentry SET at = at + interval '1 microsecond' WHERE seq = %(third)s",
    "a detail": "UPDATE accounts_auditentry SET detail = replace(detail, '2', '7') WHERE seq = %(third)s",
    "a removed entry": "DELETE FROM accounts_auditentry WHERE seq = %(third)s",
    "the first of ours removed": "DELETE FROM accounts_auditentry WHERE seq = %(third)s - 2",
    "two that changed places": """UPDATE accounts_auditentry SET seq = -1 WHERE seq = %(third)s;
        UPDATE accounts_auditentry SET seq = %(third)s WHERE seq = %(third)s + 1;
        UPDATE accounts_auditentry SET seq = %(third)s + 1 WHERE seq = -1""",
    "the last ones removed": "DELETE FROM accounts_auditentry WHERE seq >= %(third)s",
    "cut short, head set back": """DELETE FROM accounts_auditentry WHERE seq >= %(third)s;
        UPDATE accounts_audithead SET seq = %(third)s - 1,
        digest = (SELECT digest FROM accounts_auditentry WHERE seq = %(third)s - 1)""",
    "one added at the end": """INSERT INTO accounts_auditentry SELECT (SELECT seq + 1 FROM accounts_audithead), digest,
        at, tenant, person, via, client, action, kind, target, outcome, milliseconds, correlation, detail
        FROM accounts_auditentry WHERE seq = %(third)s;
        UPDATE accounts_audithead SET seq = seq + 1""",
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_to_the_chain_is_found(mark: str, change: str) -> None:
    ours, anchor = record(mark), chain.head()
    with tampering():
        run(CHANGES[change], third=ours[2].seq)
        found = list(chain.flaws([anchor]))
    assert found
    assert found[0].seq in range(ours[0].seq, chain.head().seq + 2)
    assert list(chain.flaws([anchor])) == []


def test_every_batch_is_noted_outside_the_database(mark: str) -> None:
    record(mark)
    assert chain.head() in anchors.noted_heads()
    assert anchors.newest() == max(anchors.noted_heads())


def test_the_last_seconds_cannot_be_cut_unseen(mark: str) -> None:
    ours = record(mark)
    noted = anchors.noted_heads()
    with tampering():
        run(CHANGES["cut short, head set back"], third=ours[2].seq)
        assert not chain.is_sound(noted[-1])
        assert next(iter(chain.flaws(noted))).what.endswith("are missing at the end")
    assert chain.is_sound(noted[-1])


def test_a_cut_stays_found_when_the_chain_has_grown_past_it(mark: str) -> None:
    """An attacker who cuts off the newest entries only has to wait: the next ones take their numbers."""
    ours = record(mark)
    with tampering():
        run(CHANGES["cut short, head set back"], third=ours[2].seq)
        added = Entry(*(getattr(ours[0], name) for name in Entry.__struct_fields__))
        for _ in range(2):
            anchors.note_batch(chain.add([added] * 5))
        assert chain.head().seq > ours[-1].seq
        assert not chain.is_sound(anchors.newest())
        found = [flaw for flaw in chain.flaws(anchors.noted_heads()) if "differs from its anchor" in flaw.what]
        assert found[0].seq == ours[-1].seq
    record(mark)
    assert chain.is_sound(anchors.newest())
    assert anchors.newest() == chain.head()


@pytest.mark.parametrize(
    "noted", [{"seq": "x", "digest": "00"}, {"seq": "5"}, {"seq": "5", "digest": "zz"}, {"seq": 10**30, "digest": "00"}]
)
def test_what_is_no_end_in_redis_breaks_no_look_at_the_chain(mark: str, noted: dict[str, str]) -> None:
    record(mark)
    redis = anchors._client()  # as someone who can write there
    kept = redis.hgetall(anchors.KEY)
    try:
        redis.delete(anchors.KEY)
        redis.hset(anchors.KEY, mapping=noted)
        assert isinstance(chain.is_sound(anchors.newest()), bool)
        assert isinstance(list(chain.flaws(anchors.noted_heads())), list)
    finally:
        redis.delete(anchors.KEY)
        redis.hset(anchors.KEY, mapping=kept)


def test_recording_goes_on_after_the_head_was_lost_and_says_so(mark: str) -> None:
    ours = record(mark)
    with tampering():
        run("DELETE FROM accounts_audithead")
        assert not chain.is_sound(None)
        assert [flaw.what for flaw in chain.flaws()] == ["the chain's head is missing; the next entry rebuilds it"]
        anchors.note()  # once a minute, whatever happened
        added = Entry(*(getattr(ours[0], name) for name in Entry.__struct_fields__))
        end = chain.add([added])
        assert AuditEntry.objects.get(seq=end.seq - 1).action == "audit.head_lost"
        assert AuditEntry.objects.get(seq=end.seq).target == mark
        assert list(chain.flaws()) == []
        assert chain.is_sound(None)


@pytest.mark.parametrize(
    ("noted", "says"),
    [
        ([], "would go unnoticed"),
        ([Head(3, b"")], "up to entry 3: a cut after that entry"),
        ([Head(3, b""), Head(9, b"")], "nothing was cut"),
    ],
)
def test_verifying_says_what_it_cannot_prove(noted: list[Head], says: str) -> None:
    assert says in not_proven(9, noted)


def test_an_entry_that_cannot_be_written_keeps_none_beside_it(mark: str) -> None:
    for number in range(7):
        audit.record("test.done", "too long a kind " * 9 if number == 4 else "test", mark, number=number)
    written = [json.loads(entry.detail)["number"] for entry in entries(mark)]
    assert written == [0, 1, 2, 3, 5, 6]
    assert list(chain.flaws()) == []


async def test_what_is_done_by_a_token_names_the_token(galaxy: Galaxy, alice: User) -> None:
    token, text = await in_database(tokens.issue, alice, "script", ["chat:read", "chat:write"], None)
    async with Client.with_token(galaxy.base_url, text).rest() as rest:
        made = (await rest.post("/api/conversations", json={})).json()
        assert (await rest.delete(f"/api/conversations/{made['id']}")).status_code == 204
    (entry,) = await recorded(action="conversation.deleted", target=made["id"])
    assert entry.via == f"token {token.pk}"


def test_export_gives_each_entry_as_a_line(mark: str) -> None:
    record(mark, 3)
    lines = [json.loads(line) for line in export.lines(AuditEntry.objects.filter(target=mark))]
    assert [line["detail"]["number"] for line in lines] == [0, 1, 2]
    assert all(len(line["digest"]) == 64 for line in lines)


async def test_a_person_reads_what_they_did_and_an_operator_what_the_tenant_did(
    alice_client: Client, bob_client: Client, charlie_client: Client, alice: User, bob: User
) -> None:
    async with alice_client.rest() as rest:
        made = (await rest.post("/api/runs", json={"text": "[[tokens=2]]"})).json()
    await alice_client.events(made["run_id"])
    wanted = {"kind": "run", "target": made["run_id"]}

    async def read(client: Client) -> list[str]:
        async with client.rest() as rest:
            found = (await rest.get("/api/audit", params=wanted)).json()["results"]
            return sorted(row["action"] for row in found)  # two processes write: which comes first is chance

    async with asyncio.timeout(5):
        while await read(alice_client) != ["run.asked", "run.ended"]:
            await asyncio.sleep(0.1)
    assert await read(bob_client) == await read(charlie_client) == []
    await User.objects.filter(pk=bob.pk).aupdate(is_staff=True)
    assert await read(bob_client) == ["run.asked", "run.ended"]


PLANTED = "sk-planted-secret-000000000000"


@pytest.mark.parametrize(
    "value",
    [
        {"password": PLANTED},
        {"api_key": "x", "nested": [{"Authorization": f"Bearer {PLANTED}"}]},
        f"the key {PLANTED} was refused",
        f"postgres://galaxy:{PLANTED}@db/galaxy",
        {"text": "gxy_pat_" + "a" * 43},
        "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
    ],
)
def test_secrets_are_hidden(value: object) -> None:
    told = json.dumps(redacted(value))
    assert "[hidden]" in told
    for secret in (PLANTED, "a" * 43, "c2lnbmF0dXJl"):
        assert secret not in told
