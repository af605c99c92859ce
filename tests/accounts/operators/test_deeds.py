"""Operators' actions on their pages: done at once or refused in words, and recorded in the audit with their author."""

import json
import time
from datetime import UTC, datetime

import httpx
import pytest

from accounts.identity import tokens
from accounts.models import AuditEntry, Budget, Grant, User
from tests.accounts.operators.steps import act, operator, submit
from tests.client import Client
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import with_password

GRANT = {"effect": "allow", "action": "use", "kind": "model", "target": "Stand-in"}


@pytest.fixture
def browser(galaxy: Galaxy, alice: User) -> httpx.Client:
    return operator(galaxy, alice)


def done_by(person: User, action: str) -> list[AuditEntry]:
    """The person's entries in the audit, once the process that serves them has written them."""
    found = AuditEntry.objects.filter(person=str(person.pk), action=action)
    deadline = time.monotonic() + 5
    while not found.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return list(found.order_by("seq"))


def test_suspending_ends_sessions_and_is_recorded(galaxy: Galaxy, browser: httpx.Client, alice: User, bob: User) -> None:
    cookies = {"galaxy_session": session_of(bob)}
    with httpx.Client(base_url=galaxy.base_url, cookies=cookies) as theirs:
        assert theirs.get("/api/me").status_code == 200
        act(browser, "/admin/accounts/user/", "suspend", bob.pk, alice.pk)
        assert theirs.get("/api/me").status_code == 401
        assert User.objects.get(pk=alice.pk).is_active  # no one suspends themselves
        act(browser, "/admin/accounts/user/", "activate", bob.pk)
        assert theirs.get("/api/me").status_code == 401  # and signs in again
    changed = [entry for entry in done_by(alice, "person.changed") if entry.target == str(bob.pk)]
    assert [json.loads(entry.detail)["is_active"] for entry in changed][:1] == [False]
    assert all(entry.tenant == str(alice.tenant_id) and entry.via.startswith("session") for entry in changed)


def test_nobody_locks_themselves_out(browser: httpx.Client, alice: User) -> None:
    page = submit(browser, f"/admin/accounts/user/{alice.pk}/change/", email=alice.email, name="Alice").text
    assert "You cannot suspend yourself" in page
    assert User.objects.get(pk=alice.pk).is_staff


def test_a_persons_page_suspends_and_shows_of_the_password_that_there_is_one(browser: httpx.Client, bob: User) -> None:
    page = f"/admin/accounts/user/{bob.pk}/change/"
    assert "Not set" in browser.get(page).text
    with_password(bob)
    told = browser.get(page).text
    assert "Set. <a" in told
    assert "argon2" not in told
    assert submit(browser, page, email=bob.email, name="Bob", is_suspended="on").status_code == 302
    assert not User.objects.get(pk=bob.pk).is_active
    assert [bob.email in browser.get(f"/admin/accounts/user/?suspended={one}").text for one in ("yes", "no")] == [True, False]
    assert submit(browser, page, email=bob.email, name="Bob").status_code == 302
    assert User.objects.get(pk=bob.pk).is_active


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"limits": "{not json"}, "This is not valid JSON: Expecting property name"),
        ({"limits": "[1]"}, "A JSON Schema is an object"),
        ({"limits": '{"type": 3}'}, "This is not a JSON Schema: 3 is not valid"),
        ({"limits": "", "action": "read"}, "Choose an action that a model has: use."),
        ({"limits": "", "kind": "spoon"}, "Select a valid choice"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused_in_words(
    browser: httpx.Client, bob: User, fields: dict[str, str], words: str
) -> None:
    page = submit(browser, "/admin/accounts/grant/add/", **(GRANT | {"person": str(bob.pk)} | fields))
    assert words in page.text
    assert not Grant.objects.filter(person=bob).exists()


def test_a_grant_is_made_with_limits_and_remembers_who_made_it(browser: httpx.Client, alice: User, bob: User) -> None:
    limits = {"properties": {"brightness": {"maximum": 80}}}
    fields = GRANT | {"person": str(bob.pk), "limits": json.dumps(limits)}
    assert submit(browser, "/admin/accounts/grant/add/", **fields).status_code == 302
    made = Grant.objects.get(person=bob)
    assert (made.limits, made.created_by, made.tenant) == (limits, alice, alice.tenant)
    assert [entry.target for entry in done_by(alice, "grant.created")] == [str(made.pk)]


@pytest.mark.parametrize(
    ("thing", "is_told"),
    [
        ({"target": "Stand"}, True),
        ({"target": "Stand-in"}, False),
        ({"target": "*"}, False),
        ({"effect": "deny", "action": "read", "kind": "conversation", "target": "none"}, True),
    ],
)
def test_a_grant_of_what_is_not_there_is_made_with_a_warning(
    browser: httpx.Client, bob: User, thing: dict[str, str], *, is_told: bool
) -> None:
    fields = GRANT | {"person": str(bob.pk), "limits": ""} | thing
    assert submit(browser, "/admin/accounts/grant/add/", **fields).status_code == 302
    told = f"The {fields['kind']} “{fields['target']}” does not exist yet. This grant has no effect until it does."
    assert (told in browser.get("/admin/accounts/grant/").text) is is_told


def test_the_last_sign_in_is_told_by_the_operators_clock(browser: httpx.Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(last_login=datetime(2026, 3, 1, 23, 30, 1, 960284, tzinfo=UTC))
    browser.cookies.set("galaxy_zone", "Asia/Tokyo")
    for page in (f"/admin/accounts/user/?q={bob.email}", f"/admin/accounts/user/{bob.pk}/change/"):
        shown = browser.get(page).text
        assert "2 Mar 2026, 08:30" in shown
        assert "960284" not in shown
    User.objects.filter(pk=bob.pk).update(last_login=None)
    assert "never" in browser.get(f"/admin/accounts/user/{bob.pk}/change/").text


def test_what_no_signal_tells_is_recorded_too(browser: httpx.Client, alice: User) -> None:
    fields = {"amount": "5", "measure": "cost", "period": "month"}
    assert submit(browser, "/admin/accounts/budget/add/", **fields).status_code == 302
    budget = Budget.objects.get(tenant=alice.tenant)
    change = f"/admin/accounts/budget/{budget.pk}/change/"
    assert submit(browser, change, **(fields | {"amount": "7"})).status_code == 302
    assert submit(browser, f"/admin/accounts/budget/{budget.pk}/delete/", post="yes").status_code == 302
    assert [entry.target for entry in done_by(alice, "budget.deleted")] == [str(budget.pk)]
    assert json.loads(done_by(alice, "budget.changed")[0].detail) == {"fields": ["Amount"]}
    history = browser.get(f"/admin/accounts/budget/{budget.pk}/history/")
    assert history.headers["location"].endswith(f"auditentry/?kind=budget&target={budget.pk}")


def test_revoking_a_token_ends_it(galaxy: Galaxy, browser: httpx.Client, alice: User, bob: User) -> None:
    token, text = tokens.issue(bob, "script", ["chat:read"], None)
    headers = Client.with_token(galaxy.base_url, text).headers
    assert httpx.get(f"{galaxy.base_url}/api/conversations", headers=headers).status_code == 200
    act(browser, "/admin/accounts/accesstoken/", "revoke", token.pk)
    assert httpx.get(f"{galaxy.base_url}/api/conversations", headers=headers).status_code == 401
    assert [entry.target for entry in done_by(alice, "token.revoked")] == [str(token.pk)]
    assert text not in browser.get(f"/admin/accounts/accesstoken/{token.pk}/change/").text


def test_the_way_in_is_the_portals(galaxy: Galaxy, browser: httpx.Client, charlie: User) -> None:
    back = "/admin/accounts/user/"
    with httpx.Client(base_url=galaxy.base_url) as nobody:
        first = nobody.get(back).headers["location"]
        assert nobody.get(first).headers["location"] == f"/sign-in?next={back}"
        assert nobody.post("/admin/login/", data={"username": "x", "password": "y"}).status_code == 403
        assert nobody.get("/admin/login/?next=https://example.org/").headers["location"] == "/sign-in?next=/admin/"
    with httpx.Client(base_url=galaxy.base_url, cookies={"galaxy_session": session_of(charlie)}) as stranger:
        assert stranger.get("/admin/login/").status_code == 403
        assert stranger.get("/admin/effective-access/").status_code == 302
    assert browser.get("/admin/login/?next=/admin/accounts/user/").headers["location"] == back
    for page in ("logout", "password_change"):
        assert browser.get(f"/admin/{page}/").headers["location"] == "/settings"
