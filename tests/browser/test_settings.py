"""The settings page in a browser: what is saved stays, a token is shown once, and script only makes it quicker."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Budget, Grant, User
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean

Contexts = Callable[..., BrowserContext]


def test_name_and_instructions_stay(page: Page, alice: User) -> None:
    page.goto("/settings")
    page.get_by_label("Name").first.fill("Alice  Berger")
    page.locator("#profile").get_by_role("button", name="Save").click()
    expect(page.locator(".account")).to_contain_text("Alice Berger")
    page.get_by_role("textbox", name="Instructions").fill("Be brief.\nUse metric units.")
    expect(page.locator("[data-count]")).to_have_text("27 of 4,000 characters")
    page.locator("#instructions").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Instructions")).to_have_value("Be brief.\nUse metric units.")


def test_a_token_is_shown_once_and_revoked(page: Page) -> None:
    page.goto("/settings")
    page.get_by_text("New token").click()
    form = page.locator(".new-token")
    form.get_by_label("Name", exact=True).fill("Backup script")
    form.get_by_label("Read your chats").check()
    form.get_by_role("button", name="Create token").click()
    secret = page.locator(".secret-value code").inner_text()
    assert secret.startswith("gxy_pat_")
    page.reload()
    expect(page.get_by_role("row", name="Backup script")).to_have_count(1)
    expect(page.locator("body")).not_to_contain_text(secret)
    row = page.get_by_role("row", name="Backup script")
    expect(row).to_contain_text("chat:read")
    row.get_by_role("button", name="Revoke").press("Enter")
    expect(page.get_by_role("dialog", name="Revoke Backup script?")).to_be_visible()
    axe_clean(page)
    page.keyboard.press("Escape")
    expect(row.get_by_role("button", name="Revoke Backup script")).to_be_focused()
    row.get_by_role("button", name="Revoke Backup script").click()
    page.get_by_role("button", name="Revoke for good").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    expect(page.get_by_role("row", name="Backup script")).to_have_count(0)


def test_a_program_is_shown_how_to_use_the_portal(page: Page) -> None:
    page.goto("/settings")
    page.get_by_text("from your own programs").click()
    card = page.locator(".programs")
    expect(card.locator(".address-value code")).to_have_text(re.compile(r"^http://.+/v1$"))
    expect(card.get_by_label("Example in Python")).to_contain_text("OpenAI(base_url=")
    expect(card.get_by_role("button", name="Copy the example")).to_be_visible()
    axe_clean(page)


def test_the_secret_is_in_sight_on_a_phone(phone: Page) -> None:
    phone.goto("/settings")
    expect(phone.get_by_text("You have no tokens.")).to_be_visible()
    phone.get_by_text("New token").tap()
    phone.locator(".new-token").get_by_label("Name", exact=True).fill("Backup script")
    phone.get_by_label("Read your chats").check()
    phone.get_by_role("button", name="Create token").tap()
    expect(phone.locator(".secret-value code")).to_be_in_viewport()


def test_a_token_that_may_nothing_is_refused_in_words_and_keeps_its_name(page: Page, complaints: list[str]) -> None:
    page.goto("/settings")
    page.get_by_text("New token").click()
    page.locator(".new-token").get_by_label("Name", exact=True).fill("Nothing")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("alert")).to_contain_text("at least one thing")
    expect(page.get_by_role("alert").locator("svg")).to_be_visible()
    field = page.locator(".new-token").get_by_label("Name", exact=True)
    expect(field).to_have_value("Nothing")
    expect(field).to_be_focused()
    expect(page.locator(".new-token .unsaved")).to_have_text("Not saved yet")
    complaints[:] = [one for one in complaints if "422" not in one]  # the browser tells of each


def test_the_theme_counts_at_once_and_stays(page: Page) -> None:
    page.goto("/settings")
    page.locator(".theme", has_text="Light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_menu_marks_the_part_that_was_asked_for_until_one_scrolls(page: Page) -> None:
    page.goto("/settings")
    menu = page.get_by_role("navigation", name="Settings")
    expect(menu.locator("[aria-current=page]")).to_have_text("Profile")
    for name in ("Appearance", "Connected apps", "Budgets", "Instructions"):
        menu.get_by_role("link", name=name).click()
        page.wait_for_timeout(300)
        expect(menu.locator("[aria-current=page]")).to_have_text(name)
    page.goto("/settings/security")
    page.goto("/settings#appearance")
    page.wait_for_timeout(300)
    expect(menu.locator("[aria-current=page]")).to_have_text("Appearance")
    page.locator("#apps h2").hover()
    page.mouse.wheel(0, -9000)
    expect(menu.locator("[aria-current=page]")).to_have_text("Profile")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("device", ["desk", "phone"])
def test_axe_finds_nothing_serious_and_nothing_runs_over_the_edge(
    open_context: Contexts, alice: User, theme: str, device: str
) -> None:
    Budget.objects.create(tenant=alice.tenant, person=alice, measure="cost", amount=5, period="month")
    Grant.objects.create(tenant=alice.tenant, person=alice, action="use", kind="model", target="*")
    options = PHONE if device == "phone" else {"viewport": {"width": 1440, "height": 900}}
    page = open_context(alice, **options).new_page()
    page.goto("/settings")
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    page.get_by_text("New token").click()
    axe_clean(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def test_a_budget_begins_anew_by_the_persons_own_clock(open_context: Contexts, alice: User) -> None:
    Budget.objects.create(tenant=alice.tenant, person=alice, measure="requests", amount=5, period="day")
    page = open_context(alice, timezone_id="Asia/Tokyo").new_page()
    page.goto("/")  # the portal's script tells the zone
    page.goto("/settings#limits")
    expect(page.locator("#limits")).to_contain_text(re.compile(r"Resets on \d+ \w+ \d{4}, 09:00"))


def test_without_script_everything_is_forms(open_context: Contexts, alice: User) -> None:
    page = open_context(alice, java_script_enabled=False).new_page()
    page.goto("/settings")
    page.locator(".theme", has_text="Light").click()
    page.locator("#appearance").get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_label("Name").first.fill("Alice")
    page.locator("#profile").get_by_role("button", name="Save").click()
    expect(page.locator(".account")).to_contain_text("Alice")
    page.get_by_text("New token").click()
    page.locator(".new-token").get_by_label("Name", exact=True).fill("Backup script")
    page.get_by_label("Read your chats").check()
    page.get_by_role("button", name="Create token").click()
    secret = page.locator(".secret-value code").inner_text()
    page.reload()  # the browser sends the form once more
    expect(page.get_by_text("This token was already created")).to_be_visible()
    expect(page).to_have_url(re.compile("/settings#tokens$"))
    expect(page.get_by_role("row", name="Backup script")).to_have_count(1)
    expect(page.locator("body")).not_to_contain_text(secret)
