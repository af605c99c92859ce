"""A message that waits for its turn is still there, and still sent, whatever happens to the page meanwhile."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Group, User
from tests.browser.steps import CHAT, ask, until_done
from tests.browser.wire import Wire

LONG = "First. [[tokens=200 rate=30]]"


def reload(page: Page) -> None:
    page.reload()


def leave_and_return(page: Page) -> None:
    page.goto("/")
    page.go_back()


def begin(page: Page, question: str = LONG) -> None:
    page.goto("/")
    ask(page, question)
    expect(page.locator(".answer p").first).to_be_visible()


def bubbles(page: Page, *words: str) -> None:
    expect(page.locator(".bubble")).to_have_text([re.compile(each) for each in words])


@pytest.mark.parametrize("away", [reload, leave_and_return])
def test_it_survives_that_the_page_is_left(page: Page, away: Callable[[Page], None]) -> None:
    begin(page)
    ask(page, "Second. [[tokens=10]]")
    ask(page, "Third. [[tokens=10]]")
    away(page)
    expect(page).to_have_url(CHAT)
    expect(page.locator(".bubble.waiting")).to_have_count(2)
    expect(page.locator(".bubble.waiting").first).to_contain_text("Sends when the running answer is done and this chat is open")
    until_done(page, 3)
    page.reload()
    bubbles(page, "First", "Second", "Third")


def test_it_survives_a_reload_without_a_connection(page: Page) -> None:
    wire = Wire(page)
    begin(page)
    wire.cut()
    ask(page, "Second. [[tokens=10]]")
    page.reload()
    expect(page.locator(".bubble.waiting")).to_contain_text("Sends when the connection is back and this chat is open")
    wire.mend()
    until_done(page, 2)
    bubbles(page, "First", "Second")


def test_of_a_chat_that_could_not_be_made_yet_it_says_where_it_is_found_again(page: Page) -> None:
    wire = Wire(page)
    wire.cut()
    page.goto("/")
    ask(page, "First. [[tokens=5]]")
    expect(page.locator(".bubble.waiting")).to_contain_text("Sends when the connection is back and New chat is open")
    page.goto("/settings")
    page.get_by_role("link", name="New chat").click()
    expect(page.locator(".bubble.waiting")).to_contain_text("First")
    wire.mend()
    until_done(page)
    expect(page).to_have_url(CHAT)


def test_it_is_there_again_when_its_tab_was_closed(page: Page) -> None:
    begin(page)
    ask(page, "Second. [[tokens=10]]")
    chat = page.url
    other = page.context.new_page()
    page.close()
    other.goto(chat)
    expect(other.locator(".bubble.waiting")).to_have_count(1)
    until_done(other, 2)
    bubbles(other, "First", "Second")


def test_two_tabs_that_show_it_make_one_question_of_it(page: Page) -> None:
    begin(page)
    ask(page, "Second. [[tokens=10]]")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".bubble.waiting")).to_have_count(1)
    for tab in (page, other):
        until_done(tab, 2)
        bubbles(tab, "First", "Second")
    other.reload()
    bubbles(other, "First", "Second")


def test_taken_back_in_one_tab_it_is_gone_in_the_other(page: Page) -> None:
    begin(page, "First. [[tokens=3000 rate=20]]")  # it lasts until it is stopped, however long the other tab takes to open
    ask(page, "Second.")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Take back").click()
    expect(page.locator(".bubble.waiting")).to_have_count(0)
    page.get_by_role("button", name="Stop").click()
    until_done(page)
    bubbles(page, "First")


def test_taken_back_it_leaves_no_empty_chat(page: Page, alice: User) -> None:
    Group.objects.create(tenant=alice.tenant, name="One at a time", parallel_answers=1).people.add(alice)
    begin(page, "First. [[tokens=3000 rate=20]]")
    other = page.context.new_page()
    other.goto("/")
    ask(other, "Second.")
    expect(other).to_have_url(CHAT)  # it waits in a chat of its own
    other.get_by_role("button", name="Take back").click()
    expect(other).to_have_url(re.compile(r":\d+/$"))
    expect(other.get_by_role("textbox", name="Message")).to_have_value("Second.")
    expect(other.locator("[data-row]")).to_have_count(1)
    page.get_by_role("button", name="Stop").click()
    until_done(page)


def test_somebody_else_in_the_same_browser_does_not_get_it(
    page: Page, open_context: Callable[..., BrowserContext], alice: User, bob: User
) -> None:
    wire = Wire(page)
    page.goto("/")
    page.wait_for_timeout(300)
    wire.cut()
    ask(page, "For me alone. [[tokens=5]]")
    kept = page.context.storage_state()
    kept["cookies"] = []
    theirs = open_context(bob, storage_state=kept).new_page()
    theirs.goto("/")
    expect(theirs.get_by_role("heading", name=re.compile("Good"))).to_be_visible()
    mine = open_context(alice, storage_state=kept).new_page()
    mine.goto("/")
    until_done(mine)
    bubbles(mine, "For me alone")
