"""An operator reaches their own tenant and no other: in lists, pages by id, choices, actions, exports and answers."""

import json
import re
from typing import Any

import httpx
import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import audit
from accounts.identity import tokens
from accounts.models import AuditEntry, Budget, Grant, Group, Tenant, Usage, User
from accounts.vault import store
from chat.models import Conversation, Message, ModelCall, Run
from tests.accounts.operators.steps import act, operator, submit
from tests.people import session_of
from tests.stack import Galaxy


@pytest.fixture
def rows(alice: User, bob: User) -> dict[str, Any]:
    """Rows of the tenant of alice and bob, by page."""
    talk = Conversation.objects.create(tenant=alice.tenant, owner=bob, title="What only Bob knows")
    answer = Message.objects.create(conversation=talk, role="assistant")
    with audit.acting(audit.Actor(alice.tenant_id, alice.pk, "session")):
        audit.record("test.done", "test", str(bob.pk))
    assert audit.flush()
    return {
        "accounts/user": bob,
        "accounts/tenant": alice.tenant,
        "accounts/group": Group.objects.create(tenant=alice.tenant, name="Adults"),
        "accounts/grant": Grant.objects.create(tenant=alice.tenant, person=bob, action="use", kind="model"),
        "accounts/budget": Budget.objects.create(tenant=alice.tenant, measure="cost", amount=5, period="month"),
        "chat/modelcall": ModelCall.objects.create(at=timezone.now(), tenant=alice.tenant, person=bob, model="A", provider="b"),
        "accounts/usage": Usage.objects.create(id=uuid7(), tenant=alice.tenant, person=bob, tokens=1),
        "accounts/accesstoken": tokens.issue(bob, "script", ["chat:read"], None)[0],
        "accounts/secret": store.put(alice.tenant, "openai", "a secret of the tenant"),
        "accounts/auditentry": AuditEntry.objects.get(tenant=str(alice.tenant_id), target=str(bob.pk), action="test.done"),
        "chat/conversation": talk,
        "chat/run": Run.objects.create(conversation=talk, answer=answer, person=bob, status="complete"),
    }


def test_lists_and_pages_by_id_show_another_tenant_nothing(
    galaxy: Galaxy, alice: User, charlie: User, rows: dict[str, Any]
) -> None:
    mine, theirs = operator(galaxy, alice), operator(galaxy, charlie)
    for name, row in rows.items():
        assert f"{row.pk}/change/" in mine.get(f"/admin/{name}/").text, name
        assert mine.get(f"/admin/{name}/{row.pk}/change/").status_code == 200, name
        assert f"{row.pk}/change/" not in theirs.get(f"/admin/{name}/").text, name
        for page in ("change", "delete"):
            assert theirs.get(f"/admin/{name}/{row.pk}/{page}/").status_code in (302, 403), (name, page)
        asked = theirs.get(f"/admin/{name}/?q={row.pk}").text
        assert f"{row.pk}/change/" not in asked, name


def test_the_audit_of_another_tenant_is_not_exported(
    galaxy: Galaxy, alice: User, charlie: User, bob: User, rows: dict[str, Any]
) -> None:
    entry = rows["accounts/auditentry"]
    page = "/admin/accounts/auditentry/"
    mine = operator(galaxy, alice).get(f"{page}export/?q={bob.pk}")
    assert mine.headers["content-type"] == "application/jsonl"
    assert [json.loads(line)["seq"] for line in mine.text.splitlines()].count(entry.seq) == 1
    theirs = operator(galaxy, charlie)
    assert theirs.get(f"{page}export/?q={bob.pk}").text == ""
    assert str(alice.tenant_id) not in theirs.get(f"{page}export/").text


def test_a_chosen_row_of_another_tenant_is_left_alone(galaxy: Galaxy, bob: User, charlie: User, rows: dict[str, Any]) -> None:
    browser = operator(galaxy, charlie)
    act(browser, "/admin/accounts/user/", "suspend", bob.pk)
    assert User.objects.get(pk=bob.pk).is_active
    token = rows["accounts/accesstoken"]
    tokens.issue(charlie, "own", ["chat:read"], None)  # without a row there is no form
    act(browser, "/admin/accounts/accesstoken/", "revoke", token.pk)
    token.refresh_from_db()
    assert token.revoked_at is None


def test_people_and_groups_of_another_tenant_cannot_be_chosen(
    galaxy: Galaxy, bob: User, charlie: User, rows: dict[str, Any]
) -> None:
    browser = operator(galaxy, charlie)
    found = {"app_label": "accounts", "model_name": "grant", "field_name": "person", "term": bob.email}
    assert browser.get("/admin/autocomplete/", params=found).json()["results"] == []
    for whom in ({"person": str(bob.pk)}, {"group": str(rows["accounts/group"].pk)}):
        fields = {"effect": "allow", "action": "use", "kind": "model", "target": "*", "limits": "", **whom}
        assert "Select a valid choice" in submit(browser, "/admin/accounts/grant/add/", **fields).text
    assert not Grant.objects.filter(tenant=charlie.tenant, person=bob).exists()


def test_things_to_grant_are_chosen_among_those_of_the_tenant(
    galaxy: Galaxy, alice: User, charlie: User, rows: dict[str, Any]
) -> None:
    page, talk = "/admin/accounts/grant/add/", str(rows["chat/conversation"].pk)
    assert f'<option value="{talk}">' in operator(galaxy, alice).get(page).text
    theirs = operator(galaxy, charlie)
    assert talk not in theirs.get(page).text
    fields = {"effect": "allow", "action": "read", "kind": "conversation", "target": talk, "limits": ""}
    assert "This conversation does not exist" in submit(theirs, page, **fields).text
    mine = operator(galaxy, alice)
    asked = submit(mine, page, **fields | {"kind": "model", "action": "use"})
    assert "This is a conversation. Choose a model" in asked.text
    assert submit(mine, page, **fields | {"kind": "model", "action": "use", "target": "Not there yet"}).status_code == 302
    kept = Grant.objects.get(tenant=alice.tenant, target="Not there yet")
    assert '<option value="Not there yet" selected>' in mine.get(f"/admin/accounts/grant/{kept.pk}/change/").text


def test_effective_access_knows_nobody_of_another_tenant(
    galaxy: Galaxy, bob: User, charlie: User, rows: dict[str, Any]
) -> None:
    browser = operator(galaxy, charlie)
    asked = {"action": "read", "kind": "conversation", "target": str(rows["chat/conversation"].pk)}
    assert "No one in your tenant" in browser.get("/admin/effective-access/", params=asked | {"person": bob.email}).text
    assert "No one in your tenant" in browser.get("/admin/effective-access/", params=asked | {"person": str(bob.pk)}).text
    own = browser.get("/admin/effective-access/", params=asked | {"person": charlie.email}).text
    assert "This conversation does not exist" in own


def test_what_is_made_belongs_to_the_operators_tenant(galaxy: Galaxy, charlie: User) -> None:
    browser = operator(galaxy, charlie)
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    assert submit(browser, "/admin/accounts/group/add/", name="Children", **inline).status_code == 302
    assert Group.objects.get(tenant=charlie.tenant).name == "Children"
    assert "already exists" in submit(browser, "/admin/accounts/group/add/", name="Children", **inline).text
    fields = {"email": f"new-{charlie.email}", "usable_password": "false", "password1": "", "password2": ""}
    assert submit(browser, "/admin/accounts/user/add/", **fields).status_code == 302
    assert User.objects.get(email=f"new-{charlie.email}").tenant == charlie.tenant


def test_only_the_owner_of_galaxy_makes_tenants_and_nobody_takes_their_place(galaxy: Galaxy, alice: User) -> None:
    assert operator(galaxy, alice).get("/admin/accounts/tenant/add/").status_code == 403
    owner = httpx.Client(base_url=galaxy.base_url, cookies={"galaxy_session": galaxy.owner_cookie()}, timeout=30)
    name = f"Office {uuid7()}"
    assert submit(owner, "/admin/accounts/tenant/add/", name=name).status_code == 302
    person = User.objects.get(email="owner@localhost")
    neighbour = User.objects.create_user(f"{uuid7()}@example.test", tenant=person.tenant)
    browser = operator(galaxy, neighbour)
    assert browser.get(f"/admin/accounts/user/{person.pk}/password/").status_code == 403
    assert browser.get(f"/admin/accounts/user/{person.pk}/delete/").status_code == 403
    act(browser, "/admin/accounts/user/", "suspend", person.pk)
    assert User.objects.get(pk=person.pk).is_active
    office = Tenant.objects.get(name=name)
    assert owner.get(f"/admin/accounts/tenant/{office.pk}/change/").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "accounts/user/?instructions__contains=secret",
        "accounts/user/?password__startswith=argon",
        "chat/conversation/?title__contains=Bob",
        "accounts/secret/?ciphertext__startswith=x",
    ],
)
def test_no_list_is_asked_for_what_no_page_shows(galaxy: Galaxy, alice: User, rows: dict[str, Any], wanted: str) -> None:
    with operator(galaxy, alice) as browser:
        page = browser.get(f"/admin/{wanted}")
    assert rows
    assert page.status_code != httpx.codes.OK or page.url.params.get("e") == "1" or "e=1" in str(page.headers)
    assert "results" not in page.text


def test_an_operator_changes_their_own_password_where_everybody_does(galaxy: Galaxy, alice: User, bob: User) -> None:
    with operator(galaxy, alice) as browser:
        own = browser.get(f"/admin/accounts/user/{alice.pk}/password/")
        assert own.headers["location"] == "/settings/security/password"


def test_ways_in_are_changed_by_who_has_just_shown_that_it_is_them(galaxy: Galaxy, alice: User, bob: User) -> None:
    page = f"/admin/accounts/user/{bob.pk}"
    with operator(galaxy, alice) as browser:
        browser.cookies.set("galaxy_session", session_of(alice))
        tried = [browser.get(f"{page}/password/"), browser.get(f"{page}/delete/"), submit(browser, f"{page}/change/")]
        tried.append(act(browser, "/admin/accounts/user/", "forget_second_factors", bob.pk))
    asked = re.compile(r"/sign-in/again\?(form=[\w-]+&)?next=/admin/")  # a form is kept, and sent again afterwards
    assert all(asked.match(answer.headers.get("location", "")) for answer in tried), tried
