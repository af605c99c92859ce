"""Lists of what a person may see find their rows by an index, however many rows are others'."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import READ
from accounts.identity import login_sessions
from accounts.models import Grant, Session, User
from chat.models import Conversation, Run
from chat.pages import sidebar
from tests.people import session_of

FOREIGN = 20_000  # rows of the same tenant: enough that reading all of them is the planner's last choice


@pytest.fixture
def crowded(alice: User, bob: User) -> Iterator[None]:
    """A tenant where bob has very many conversations and runs. Everything is undone afterwards."""
    sql = """
        INSERT INTO chat_conversation (id, tenant_id, owner_id, title, model, created_at, updated_at)
        SELECT gen_random_uuid(), %(tenant)s, %(bob)s, 'x', '', now(), now() - make_interval(secs => n)
        FROM generate_series(1, %(count)s) n;
        ANALYZE chat_conversation;
        INSERT INTO chat_message (id, conversation_id, role, parts, model, created_at)
        SELECT gen_random_uuid(), id, 'assistant', '[{"type": "text", "text": "x"}]', '', now()
        FROM chat_conversation WHERE owner_id = %(bob)s;
        ANALYZE chat_message;
        INSERT INTO chat_run (id, conversation_id, answer_id, person_id, model, provider, prompt_estimate, parameters, status,
            stop_requested, fence, finish_reason, created_at)
        SELECT gen_random_uuid(), conversation_id, id, %(bob)s, '', '', 0, '{}', 'complete', false, 1, '', now()
        FROM chat_message WHERE conversation_id IN (SELECT id FROM chat_conversation WHERE owner_id = %(bob)s);
        INSERT INTO django_session (session_key, session_data, expire_date, person_id)
        SELECT gen_random_uuid()::text, '', now() + interval '1 day', gen_random_uuid() FROM generate_series(1, %(count)s) n;
        ANALYZE chat_conversation, chat_message, chat_run, django_session"""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in sql.split(";"):
                cursor.execute(statement, {"tenant": alice.tenant_id, "bob": bob.pk, "count": FOREIGN})
        Conversation.objects.bulk_create([Conversation(tenant=alice.tenant, owner=alice) for _ in range(50)])
        yield
        transaction.set_rollback(True)


def scanned(rows: "QuerySet[Any]") -> set[str]:
    """The tables that the query reads from beginning to end."""
    (plan,) = json.loads(rows.explain(format="json"))

    def walk(node: dict[str, Any]) -> Iterator[str]:
        if node["Node Type"] == "Seq Scan":
            yield node["Relation Name"]
        for below in node.get("Plans", []):
            yield from walk(below)

    return set(walk(plan["Plan"])) & {"chat_conversation", "chat_message", "chat_run", "django_session"}


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("granted", ["nothing", "one chat", "every chat", "every chat but one"])
def test_what_a_person_may_see_is_found_by_an_index(alice: User, bob: User, granted: str) -> None:
    foreign = Conversation.objects.filter(owner=bob)[:2]
    wide = {"one chat": str(foreign[0].pk), "nothing": ""}.get(granted, "*")
    if wide:
        Grant.objects.create(tenant=alice.tenant, person=alice, action=READ, kind="conversation", target=wide)
    if granted == "every chat but one":
        denied = {"effect": "deny", "action": READ, "kind": "conversation", "target": str(foreign[1].pk)}
        Grant.objects.create(tenant=alice.tenant, person=alice, **denied)
    seen = Conversation.objects.visible_to(alice)
    assert seen.count() == {"nothing": 50, "one chat": 51, "every chat": FOREIGN + 50}.get(granted, FOREIGN + 49)
    assert scanned(sidebar.rows_of(alice)[:41]) == set()
    assert scanned(seen.order_by("-updated_at", "-id")[:101]) == set()  # the REST list
    assert scanned(seen.filter(pk=foreign[1].pk)) == set()
    assert scanned(Run.objects.visible_to(alice).filter(pk=foreign[1].pk)) == set()
    assert scanned(Run.objects.visible_to(alice).filter(answer_id=foreign[1].pk)) == set()


@pytest.mark.usefixtures("crowded")
def test_what_operators_look_at_is_found_by_an_index(alice: User) -> None:
    lately = timezone.now() - timedelta(seconds=1)
    assert (
        scanned(Run.objects.filter(conversation__tenant=alice.tenant_id, created_at__gte=lately + timedelta(days=1))) == set()
    )
    assert scanned(Session.objects.filter(person_id=alice.pk)) == set()


def test_suspending_ends_the_persons_sessions_alone(alice: User, bob: User, galaxy: object) -> None:
    theirs, others = session_of(alice), session_of(bob)
    assert login_sessions.end_all(alice.pk) == 1
    assert not Session.objects.filter(pk=theirs).exists()
    assert Session.objects.get(pk=others).person_id == bob.pk
