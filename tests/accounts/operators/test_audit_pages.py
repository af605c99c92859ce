"""The audit's list asks the database for no more than it shows, and finds by person, action, thing and correlation."""

import re
import secrets

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts import audit
from accounts.models import AuditEntry, User
from accounts.operators.paging import MOST

PAGE = "/admin/accounts/auditentry/"


@pytest.fixture
def mark(alice: User, bob: User) -> str:
    """Something done by bob to a thing of this name, under a correlation of this name."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.refresh_from_db()
    name = secrets.token_hex(8)
    with audit.acting(audit.Actor(bob.tenant_id, bob.pk, "token 0192", correlation=f"c-{name}")):
        audit.record("lamp.dimmed", "lamp", name, outcome="refused")
        audit.record("lamp.seen", "lamp", f"other-{name}")
    assert audit.flush()
    return name


def found(operator: User, **asked: str) -> list[str]:
    request = RequestFactory().get(PAGE, asked)
    request.user = operator
    page = admin.site._registry[AuditEntry]
    return [entry.action for entry in page.get_changelist_instance(request).result_list]


def test_it_finds_by_what_a_word_looks_like(alice: User, bob: User, mark: str) -> None:
    both = ["lamp.seen", "lamp.dimmed"]
    assert found(alice, q=bob.email) == found(alice, q=str(bob.pk)) == found(alice, q=f"c-{mark}") == both
    assert found(alice, q="lamp.d") == found(alice, q=mark) == found(alice, q=f"{bob.email} lamp.dimmed") == ["lamp.dimmed"]
    assert found(alice, q="nothing") == []


def test_it_filters(alice: User, mark: str) -> None:
    assert found(alice, outcome="refused") == found(alice, action="lamp.dimmed") == ["lamp.dimmed"]
    assert found(alice, door="token", q="lamp") == found(alice, kind="lamp") == ["lamp.seen", "lamp.dimmed"]
    assert found(alice, door="proxy") == []
    assert found(alice, at_from_0="2020-01-01", at_from_1="00:00:00", at_to_0="2020-01-02", at_to_1="00:00:00") == []


def test_it_never_counts_the_whole_audit(alice: User, mark: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        found(alice)
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all(re.search(rf"LIMIT {MOST + 1}\)", sql) for sql in counts)
    assert len(queries) < 10


def test_an_address_finds_what_was_done_at_the_persons_account_too_in_ones_own_tenant(
    alice: User, bob: User, charlie: User, mark: str
) -> None:
    """A refused sign-in has no one who acts: the person is what it was about."""
    for person in (bob, charlie):
        who = audit.Actor(alice.tenant_id, None, "sign-in", "203.0.113.7")
        audit.record("sign_in.refused", "person", person.pk, outcome="refused", who=who)
    assert audit.flush()
    assert found(alice, q=bob.email) == ["sign_in.refused", "lamp.seen", "lamp.dimmed"]
    assert found(alice, q=f"{bob.email} sign_in", outcome="refused") == ["sign_in.refused"]
    assert found(alice, q=charlie.email) == []
