"""The operators' pages in a browser: each opens under the strict policy, complains of nothing, and axe finds nothing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import Application
from playwright.sync_api import BrowserContext, Page, expect
from uuid_utils.compat import uuid7

from accounts import audit
from accounts.identity import tokens
from accounts.models import AuditEntry, Budget, ConnectedApp, Grant, Group, Usage, User
from accounts.people import invitations
from accounts.vault import store
from chat.models import Conversation, Message, ModelAlias, ModelCall, ModelProvider, Run
from chat.parts import Text
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import PASSWORD
from tools.models import SqlDatabase, ToolCall, ToolSetting

Contexts = Callable[..., BrowserContext]
DESK = {"viewport": {"width": 1440, "height": 900}}
PAGES = sorted(model._meta.label_lower.replace(".", "_") for model in admin.site._registry)


@pytest.fixture
def rows(alice: User, bob: User) -> dict[str, Any]:
    """One row of each kind, of the tenant whose operator alice is; by the name of its page."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    group = Group.objects.create(tenant=alice.tenant, name="Adults")
    group.people.add(bob)
    talk = Conversation.objects.create(tenant=alice.tenant, owner=bob, title="What only Bob knows", model="Stand-in")
    answer = Message.objects.create(conversation=talk, role="assistant", parts=[Text("so")])
    app = Application.objects.create(
        name="Desk", client_type="public", authorization_grant_type="authorization-code", redirect_uris="http://127.0.0.1/back"
    )
    with audit.acting(audit.Actor(alice.tenant_id, alice.pk, "session", "127.0.0.1")):
        audit.record("test.done", "test", str(bob.pk), why="because")
    assert audit.flush()
    made = [
        alice.tenant,
        bob,
        group,
        Grant.objects.create(tenant=alice.tenant, person=bob, action="use", kind="model", limits={"maxProperties": 3}),
        Budget.objects.create(tenant=alice.tenant, group=group, measure="cost", amount=5, period="month"),
        Usage.objects.create(id=uuid7(), tenant=alice.tenant, person=bob, model="Stand-in", tokens=1200, cost="0.02"),
        tokens.issue(bob, "script", ["chat:read"], None)[0],
        app,
        ConnectedApp.objects.create(person=bob, application=app),
        store.put(alice.tenant, "openai", "a secret value"),
        invitations.invite(f"new-{alice.pk.hex[-8:]}@example.test", alice.tenant, [group], by=alice)[0],
        AuditEntry.objects.filter(tenant=str(alice.tenant_id)).latest("seq"),
        talk,
        Run.objects.create(conversation=talk, answer=answer, person=bob, model="Stand-in", status="complete"),
        ToolSetting.objects.create(tenant=alice.tenant, tool="basic_math", ask="always"),
        ToolCall.objects.create(
            id=alice.pk.hex[-9:], tenant=alice.tenant, person=bob, via="model", tool="add", state="succeeded"
        ),
        SqlDatabase.objects.create(tenant=alice.tenant, name="shop"),
        ModelProvider.objects.create(tenant=alice.tenant, name="House", kind="anthropic"),
        ModelAlias.objects.create(tenant=alice.tenant, name="Fast"),
        ModelCall.objects.create(at=timezone.now(), tenant=alice.tenant, person=bob, model="Stand-in", provider="openai"),
    ]
    return {row._meta.label_lower.replace(".", "_"): row for row in made}


@pytest.fixture
def desk(open_context: Contexts, alice: User, galaxy: Galaxy, rows: dict[str, Any]) -> Page:
    """Alice, an operator, at her desk."""
    context = open_context(alice, **DESK)
    context.add_cookies([{"name": "galaxy_session", "value": session_of(alice, is_fresh=True), "url": galaxy.base_url}])
    return context.new_page()


def addresses(name: str, row: Any) -> list[str]:
    """The pages about rows of this kind: the list, one row, and a new one where there can be any."""
    page = admin.site._registry[type(row)]
    found = [reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_change", args=[row.pk])]
    can_add = "Reading" not in " ".join(each.__name__ for each in type(page).__mro__)
    can_add = can_add and name not in ("accounts_tenant", "oauth2_provider_application")  # for Galaxy's owner alone
    return [*found, *([reverse(f"admin:{name}_add"), reverse(f"admin:{name}_delete", args=[row.pk])] if can_add else [])]


def visit(page: Page, address: str) -> None:
    answered = page.goto(address)
    assert answered
    assert answered.status == 200, address
    page.wait_for_function("() => !document.documentElement.hasAttribute('x-cloak')")
    axe_clean(page)


def test_every_kind_of_row_is_tried(rows: dict[str, Any]) -> None:
    assert sorted(rows) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_and_complains_of_nothing(desk: Page, rows: dict[str, Any], name: str) -> None:
    for address in addresses(name, rows[name]):
        visit(desk, address)
        assert "What only Bob knows" not in desk.content()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("device", ["desk", "phone"])
def test_overview_lists_and_effective_access_in_both_themes(
    open_context: Contexts, alice: User, bob: User, rows: dict[str, Any], theme: str, device: str
) -> None:
    options = PHONE if device == "phone" else DESK
    page = open_context(alice, color_scheme=theme, **options).new_page()
    asked = f"?person={bob.email}&action=use&kind=model&target=Stand-in&arguments="
    for address in ("", "accounts/user/", "accounts/auditentry/", "accounts/grant/add/", f"effective-access/{asked}"):
        visit(page, f"/admin/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], address  # type: ignore[index]


def test_theme_menu_filters_and_chosen_rows_work_without_eval(desk: Page, bob: User) -> None:
    desk.goto("/admin/accounts/user/")
    desk.get_by_role("button", name="Filters").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Apply filters")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.get_by_role("row", name=re.compile(re.escape(bob.email))).get_by_role("checkbox").check()
    desk.get_by_label("Select action to run").select_option(label="Suspend: they are signed out within seconds")
    desk.get_by_role("button", name="Run").click()
    expect(desk.get_by_text("Suspended: 1.")).to_be_visible()
    assert not User.objects.get(pk=bob.pk).is_active


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_to_do_with_a_chosen_row_can_be_read(open_context: Contexts, alice: User, bob: User, theme: str) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    page = open_context(alice, color_scheme=theme, **DESK).new_page()
    page.goto("/admin/accounts/user/")
    page.get_by_role("row", name=re.compile(re.escape(bob.email))).get_by_role("checkbox").check()
    page.get_by_label("Select action to run").select_option(label="Reactivate")
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    axe_clean(page)


def test_the_audit_is_searched_and_exported(desk: Page, bob: User, rows: dict[str, Any]) -> None:
    desk.goto("/admin/accounts/auditentry/")
    desk.locator("#searchbar").fill(str(bob.pk))
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("row", name=re.compile("test.done"))).to_have_count(1)
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Export this list as JSON lines").click()
    lines = download.value.path().read_text().splitlines()
    assert [line for line in lines if '"test.done"' in line and str(bob.pk) in line]
    assert len(lines) == AuditEntry.objects.filter(tenant=str(bob.tenant_id), target=str(bob.pk)).count()


def test_the_thing_of_a_grant_is_picked_by_whose_it_is(desk: Page, bob: User, rows: dict[str, Any]) -> None:
    desk.goto("/admin/accounts/grant/add/")
    desk.get_by_label("Effect").select_option("deny")
    desk.get_by_label("Action").select_option("read")
    desk.get_by_role("combobox", name="Select value").press("Enter")
    desk.locator(".select2-search__field").fill(bob.email)
    desk.get_by_role("option", name=re.compile(f"^{re.escape(bob.email)},")).click()
    expect(desk.locator("#id_kind")).to_have_value("conversation")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was added successfully")).to_be_visible()
    assert Grant.objects.filter(tenant=bob.tenant, effect="deny", target=str(rows["chat_conversation"].pk)).exists()
    expect(desk.get_by_role("link", name=f"Everyone may not read conversation of {bob.email},")).to_be_visible()


def test_a_budget_is_for_a_model_that_is_picked(desk: Page, alice: User) -> None:
    desk.goto("/admin/accounts/budget/add/")
    desk.get_by_label("Amount").fill("7")
    desk.locator("#id_target + .select2 [role=combobox]").press("Enter")
    desk.keyboard.type("stand")
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("link", name="7 requests a minute for Stand-in", exact=True)).to_be_visible()
    assert Budget.objects.filter(tenant=alice.tenant, about="model", target="Stand-in").exists()


def test_an_operator_sets_somebodys_password(desk: Page, bob: User) -> None:
    visit(desk, f"/admin/accounts/user/{bob.pk}/change/")
    desk.get_by_role("link", name="Set one").click()
    axe_clean(desk)
    for field in desk.locator("input[type=password]").all():
        field.fill(PASSWORD)
    desk.get_by_role("button", name="Change password").click()
    expect(desk.get_by_role("link", name="Change it")).to_be_visible()
    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)


def test_enter_takes_the_thing_that_fits_before_the_letters_that_were_typed_and_a_second_choice_counts(
    desk: Page, rows: dict[str, Any]
) -> None:
    desk.goto("/admin/accounts/grant/add/")
    for typed, taken in (("stand", "Stand-in"), ("elsewhere", "elsewhere"), ("stand", "Stand-in")):
        desk.locator("#id_target + .select2 [role=combobox]").press("Enter")
        expect(desk.locator(".select2-search__field")).to_be_focused()
        desk.keyboard.insert_text(typed)  # as someone who pastes it
        expect(desk.locator(".select2-results__option--highlighted")).to_have_text(re.compile(typed, re.IGNORECASE))
        desk.keyboard.press("Enter")
        expect(desk.locator("#id_target")).to_have_value(taken)


def test_the_audit_on_a_phone_shows_what_counts(open_context: Contexts, alice: User, rows: dict[str, Any]) -> None:
    page = open_context(alice, **PHONE).new_page()
    visit(page, "/admin/accounts/auditentry/?q=test.done")
    entry = page.locator("#result_list tr.data-row").first
    for shown in ("test.done", alice.email, "ok"):
        expect(entry.get_by_text(shown, exact=True)).to_be_in_viewport()
    expect(entry.locator(".field-via")).to_be_hidden()
    assert entry.bounding_box()["height"] < 200  # type: ignore[index]
    page.goto("/admin/accounts/user/")
    drawn = page.locator(".field-came_in").first.evaluate(
        "(cell) => [getComputedStyle(cell, '::before').content, getComputedStyle(cell, '::before').textTransform]"
    )
    assert drawn == ['"Last sign-in"', "none"]


def test_times_are_the_operators_own_and_empty_lists_say_what_would_be_there(
    open_context: Contexts, alice: User, bob: User, rows: dict[str, Any]
) -> None:
    User.objects.filter(pk=bob.pk).update(last_login=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    page = open_context(alice, timezone_id="Asia/Tokyo", **DESK).new_page()
    page.goto("/settings")  # the portal's script tells the zone
    page.goto(f"/admin/accounts/user/?q={bob.email}")
    expect(page.get_by_role("row", name=re.compile(re.escape(bob.email)))).to_contain_text("2 Mar 2026, 08:30")
    expect(page.get_by_text(re.compile(r"\busers?\b|accounts", re.IGNORECASE))).to_have_count(0)
    Usage.objects.filter(tenant=alice.tenant).delete()
    visit(page, "/admin/accounts/usage/")
    expect(page.get_by_text("A line appears here when an answer ends.")).to_be_visible()
    page.goto("/admin/accounts/user/?q=nobodyofthisname")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_the_link_of_an_invitation_is_copied(desk: Page, alice: User) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto("/admin/accounts/invitation/add/")
    desk.get_by_label("Email").fill(f"guest-{alice.pk.hex[-8:]}@example.test")
    desk.get_by_role("button", name="Save", exact=True).click()
    link = desk.locator(".operators-link").inner_text()
    assert "/invitation/" in link
    desk.get_by_role("button", name="Copy").click()
    expect(desk.get_by_text("Copied.")).to_be_visible()
    assert desk.evaluate("navigator.clipboard.readText()") == link
    axe_clean(desk)


def test_the_portals_words_stand_in_the_account_menu_and_costs_are_as_long_as_they_need(
    desk: Page, alice: User, rows: dict[str, Any]
) -> None:
    desk.goto("/admin/accounts/usage/")
    expect(desk.locator("#result_list .field-price")).to_have_text("$0.02")
    desk.get_by_text(alice.email).last.click()
    expect(desk.get_by_role("button", name=re.compile("^Sign out"))).to_be_visible()
    expect(desk.get_by_text(re.compile("View site|Log out"))).to_have_count(0)


def test_effective_access_is_asked_by_keyboard(desk: Page, bob: User) -> None:
    desk.goto("/admin/effective-access/")
    for field, typed, shown in (("person", bob.email, bob.email), ("target", "stand", "Stand-in")):
        desk.locator(f"#id_{field} + .select2 [role=combobox]").press("Enter")
        desk.keyboard.type(typed)
        expect(desk.locator(".select2-results__option--highlighted")).to_have_text(shown)
        desk.keyboard.press("Enter")
    desk.get_by_label("Wants to").select_option("use")
    desk.get_by_role("button", name="Answer").press("Enter")
    expect(desk.get_by_role("heading", name=f"Yes {bob.email} may use model Stand-in.")).to_be_visible()
    expect(desk.get_by_role("link", name="The grant that decided")).to_be_visible()
