"""The portal's frame: sidebar, keys, themes, phone, no script, and nothing for axe to complain about."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Budget, User
from chat.models import Conversation
from tests.browser.steps import CHAT, ask, axe_clean, until_done
from tests.stack import Galaxy

Contexts = Callable[..., BrowserContext]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious(page: Page, galaxy: Galaxy, theme: str) -> None:
    page.context.add_cookies([{"name": "galaxy_theme", "value": theme, "url": galaxy.base_url}])
    page.goto("/")
    axe_clean(page)
    page.get_by_role("button", name="Model").click()
    axe_clean(page)
    page.keyboard.press("Escape")
    ask(page, "Everything. [[tokens=300 rate=0 reasoning=5]]")
    until_done(page)
    axe_clean(page)
    page.get_by_role("button", name="More for this chat").click()
    axe_clean(page)


def test_no_page_of_the_portal_is_higher_than_the_window(page: Page) -> None:
    for address in ("/", "/settings"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollHeight") == 900, address


def test_the_phone_has_a_drawer_and_nothing_runs_over_its_edge(phone: Page) -> None:
    phone.goto("/")
    ask(phone, "On the phone. [[tokens=300 rate=0]]")
    until_done(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    axe_clean(phone)
    phone.get_by_role("button", name="Open sidebar").click()
    expect(phone.get_by_role("link", name=re.compile("On the phone")).first).to_be_visible()
    axe_clean(phone)
    phone.get_by_role("link", name="New chat").click()
    expect(phone.get_by_role("heading", name=re.compile("Good"))).to_be_visible()


def test_the_sign_of_a_running_answer_leaves_the_button_of_its_chat_free(phone: Page) -> None:
    phone.goto("/")
    ask(phone, "Runs. [[tokens=200 rate=20]]")
    expect(phone.locator(".answer p").first).to_be_visible()
    phone.get_by_role("button", name="Open sidebar").tap()
    spinner = phone.locator("[data-row] .spinner")
    turning = spinner.bounding_box()  # of a square that turns: wider than the circle in it
    button = phone.get_by_role("button", name=re.compile("More for Runs")).bounding_box()
    assert turning
    assert button
    assert turning["x"] + turning["width"] / 2 + spinner.evaluate("it => it.clientWidth") / 2 <= button["x"] + 0.1


def test_the_account_menu_opens_where_no_finger_is(phone: Page) -> None:
    phone.goto("/")
    phone.get_by_role("button", name="Open sidebar").tap()
    button = phone.get_by_role("button", name=re.compile("^Alice", re.IGNORECASE))
    button.tap()
    entry = phone.get_by_role("button", name="Sign out")
    expect(entry).to_be_visible()
    under, over = button.bounding_box(), entry.bounding_box()
    assert under
    assert over
    assert over["y"] + over["height"] <= under["y"]


def test_a_page_that_does_not_exist_keeps_the_sidebar(page: Page, complaints: list[str]) -> None:
    page.goto("/c/00000000-0000-0000-0000-000000000000")
    expect(page.get_by_role("heading", name="This page does not exist")).to_be_visible()
    axe_clean(page)
    page.get_by_role("navigation").get_by_role("link", name="New chat").click()
    expect(page.get_by_role("heading", name=re.compile("Good"))).to_be_visible()
    complaints[:] = [one for one in complaints if "404" not in one]  # the page's own status


def test_the_sidebar_pages_back(page: Page, alice: User) -> None:
    for number in range(45):
        Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title=f"Chat {number}")
    page.goto("/")
    assert page.locator("[data-row]").count() == 40
    page.get_by_role("link", name="Earlier chats").scroll_into_view_if_needed()
    expect(page.locator("[data-row]")).to_have_count(45)
    expect(page.locator(".nav-title")).to_have_count(1)


def test_an_old_chat_has_its_place_in_the_sidebar(page: Page, alice: User) -> None:
    chats = [Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title=f"Chat {n}") for n in range(90)]
    page.goto(f"/c/{chats[20].pk}")
    row = page.get_by_role("navigation").get_by_role("link", name="Chat 20", exact=True)
    expect(row).to_have_attribute("aria-current", "page")
    expect(row).to_be_in_viewport()


def test_the_theme_is_there_from_the_first_paint(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=re.compile("Alice", re.IGNORECASE)).click()
    page.get_by_role("button", name="Switch theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert 'data-theme="light"' in page.request.get("/").text()


def test_keys(page: Page) -> None:
    page.goto("/")
    page.locator("body").click(position={"x": 800, "y": 200})
    page.keyboard.press("[")
    expect(page.locator("#sidebar")).to_be_hidden()
    page.keyboard.press("[")
    expect(page.locator("#sidebar")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts").get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two [[tokens=5]] ?[/")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("one\ntwo [[tokens=5]] ?[/")
    page.keyboard.press("Enter")
    expect(page).to_have_url(CHAT)
    page.keyboard.press("Control+j")
    expect(page.get_by_role("heading", name=re.compile("Good"))).to_be_visible()


def test_the_model_is_chosen_by_name_and_stays_with_the_chat(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Model").click()
    page.get_by_role("searchbox").fill("large")
    expect(page.locator(".model-picker label.menu-item:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Model: Stand-in large")).to_be_visible()
    ask(page, "Who are you? [[tokens=5]]")
    expect(until_done(page).locator(".message-actions")).to_contain_text("Stand-in large")
    page.reload()
    expect(page.get_by_role("button", name="Model: Stand-in large")).to_be_visible()


def test_without_script_the_forms_do_it(open_context: Contexts, alice: User, complaints: list[str]) -> None:
    page = open_context(alice, java_script_enabled=False).new_page()
    page.goto("/")
    page.locator("#message").fill("No script here. [[tokens=400 rate=20]]")
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(CHAT)
    expect(page.get_by_text("The answer is being written")).to_be_visible()
    page.get_by_role("button", name="Stop the answer").click()
    expect(page.get_by_text("You stopped this answer")).to_be_visible()
    page.goto("/")
    page.locator("#message").fill(" ")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".refusal:visible")).to_have_text(re.compile("empty"))
    complaints[:] = [one for one in complaints if "400" not in one]  # the page's own status


def test_the_thread_follows_only_at_its_end(open_context: Contexts, alice: User) -> None:
    page = open_context(alice, viewport={"width": 1000, "height": 500}).new_page()
    page.goto("/")
    ask(page, "Long. [[sample=plan tokens=500 rate=120]]")
    expect(page.locator(".answer table").first).to_be_visible()
    top = "document.querySelector('[data-thread]').scrollTop"
    page.wait_for_function(f"() => {top} > 100")  # a bare expression would need eval, which the policy forbids
    page.locator("[data-thread]").hover()
    page.mouse.wheel(0, -300)
    expect(page.get_by_role("button", name="Newest")).to_be_visible()
    page.wait_for_timeout(300)
    before = page.evaluate(top)
    page.wait_for_timeout(700)
    assert abs(page.evaluate(top) - before) < 2
    page.get_by_role("button", name="Newest").click()
    expect(page.get_by_role("button", name="Newest")).to_be_hidden()
    until_done(page)
    gap = "(t => t.scrollHeight - t.scrollTop - t.clientHeight)(document.querySelector('[data-thread]'))"
    assert page.evaluate(gap) <= 80


def test_a_question_over_budget_is_refused_with_a_sign(page: Page, alice: User) -> None:
    Budget.objects.create(tenant=alice.tenant, person=alice, measure="requests", amount=0, period="month")
    page.goto("/")
    ask(page, "Too much.")
    line = page.locator(".refusal:visible")
    expect(line).to_have_text(re.compile("Your budget is used up: 0 requests a month."))
    expect(line.locator("svg.is-warn")).to_be_visible()
    axe_clean(page)


def test_a_question_has_the_time_of_its_writer(open_context: Contexts, alice: User) -> None:
    page = open_context(alice, timezone_id="Asia/Kathmandu").new_page()
    page.goto("/")
    ask(page, "What time is it? [[tokens=3]]")
    until_done(page)
    sent = page.locator(".message.user time")
    local = sent.inner_text()
    assert local == page.evaluate("new Date().toTimeString().slice(0, 5)") or local.endswith("59")
    page.reload()
    expect(sent).to_have_text(local)
