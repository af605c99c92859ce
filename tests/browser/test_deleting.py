"""Deleting a chat: with a way back, also by keys and on a phone, and without a trace once the page was left."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from chat.models import Conversation
from tests.browser.conftest import Complaints
from tests.browser.steps import ask, axe_clean, until_done


@pytest.fixture
def complaints() -> Complaints:
    """The next page asks again for a deletion whose answer the last one did not see: once done, that is a 404."""
    found = Complaints()
    found.expected += (r"404 \(Not Found\) \(\S+/api/conversations/",)
    return found


def row(page: Page, title: str) -> Locator:
    return page.locator("[data-row]:visible").filter(has_text=title)


def delete(page: Page, title: str) -> None:
    """By the menu of its row."""
    row(page, title).hover()
    page.get_by_role("button", name=f"More for {title}").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text(f"“{title}” deleted")).to_be_visible()


def has(alice: User, *titles: str) -> None:
    for title in titles:
        Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title=title)


@contextmanager
def slow_to_delete(person: User) -> Iterator[None]:
    """As long as this lasts, no chat of the person comes to be deleted."""
    with transaction.atomic():
        list(Conversation.objects.visible_to(person).select_for_update())
        yield


def until_gone(page: Page, address: str) -> None:
    """Wait until the chat exists no more."""
    for _ in range(50):
        if page.request.get(address).status == 404:
            return
        page.wait_for_timeout(100)
    pytest.fail("It is still there.")


def test_what_was_deleted_in_the_drawer_can_be_brought_back_there(phone: Page, alice: User) -> None:
    Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title="In the drawer")
    phone.goto("/")
    phone.get_by_role("button", name="Open sidebar").tap()
    phone.get_by_role("button", name="More for In the drawer").tap()
    phone.get_by_role("button", name="Delete", exact=True).tap()
    expect(phone.locator("#sidebar")).to_be_visible()
    phone.get_by_role("button", name="Undo").tap()
    expect(phone.locator(".toast")).to_have_count(0)
    expect(phone.locator("[data-row]:not([hidden])")).to_have_count(1)


def test_a_chat_can_be_deleted_on_a_page_of_its_own(page: Page) -> None:
    page.goto("/")
    ask(page, "Deleted by form. [[tokens=5]]")
    until_done(page)
    page.goto(f"{page.url}/delete")
    axe_clean(page)
    page.get_by_role("main").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name=re.compile("Good"))).to_be_visible()


def test_a_chat_is_renamed_and_deleted_with_a_way_back(page: Page) -> None:
    page.goto("/")
    ask(page, "To be renamed. [[tokens=5]]")
    until_done(page)
    chat = page.url
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("button", name="Rename", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Of another name")
    page.keyboard.press("Enter")
    row = page.get_by_role("navigation").get_by_role("link", name="Of another name")
    expect(row).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Of another name")
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_text("“Of another name” deleted")).to_be_visible()
    expect(row).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.hover()
    page.get_by_role("button", name="More for Of another name").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Dismiss").click()
    until_gone(page, chat)


def test_a_long_title_without_a_space_stays_in_its_toast(phone: Page, alice: User) -> None:
    title = "x" * 80
    has(alice, title)
    phone.goto("/")
    phone.get_by_role("button", name="Open sidebar").click()
    phone.get_by_role("button", name=f"More for {title}").click()
    phone.get_by_role("button", name="Delete", exact=True).click()
    words, undo = phone.locator(".toast .title"), phone.locator(".toast [data-undo]")
    expect(words).to_be_visible()
    edge = "part => part.getBoundingClientRect().right"
    assert words.evaluate(edge) <= undo.evaluate("part => part.getBoundingClientRect().left")


def test_a_chat_is_deleted_and_brought_back_by_keys_alone(page: Page, alice: User) -> None:
    for title in ("First", "Second"):
        Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title=title)
    page.goto("/")
    page.get_by_role("link", name="Second").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rename", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Second")).to_be_hidden()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.wait_for_timeout(7000)  # the time stands still
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Second")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()


def test_leaving_within_the_time_to_undo_deletes(page: Page) -> None:
    page.goto("/")
    ask(page, "To be deleted. [[tokens=5]]")
    until_done(page)
    chat = page.url
    page.goto("/")
    page.get_by_role("link", name="To be deleted").hover()
    page.get_by_role("button", name=re.compile("More for To be deleted")).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.goto("/sign-in")
    until_gone(page, chat)


@pytest.mark.parametrize("way", ["another chat", "reload"])
def test_what_is_still_being_deleted_is_not_in_the_next_page_s_list(page: Page, alice: User, way: str) -> None:
    has(alice, "Doomed", "Another")
    page.goto("/")
    with slow_to_delete(alice):
        delete(page, "Doomed")
        if way == "reload":
            page.reload()
        else:
            row(page, "Another").click()
            expect(page.get_by_role("heading", name="Another")).to_be_visible()
        expect(page.locator("[data-row]")).to_have_count(2)  # the server still has it
        expect(row(page, "Doomed")).to_have_count(0)
        expect(row(page, "Another")).to_have_count(1)
    expect(page.locator("[data-row]")).to_have_count(1)
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(1)


def test_on_the_phone_it_is_not_in_the_next_drawer_either(phone: Page, alice: User) -> None:
    has(alice, "Doomed", "Another")
    phone.goto("/")
    phone.get_by_role("button", name="Open sidebar").tap()
    with slow_to_delete(alice):
        phone.get_by_role("button", name="More for Doomed").tap()
        phone.get_by_role("button", name="Delete", exact=True).tap()
        phone.get_by_role("link", name="Another").tap()
        expect(phone.get_by_role("heading", name="Another")).to_be_visible()
        phone.get_by_role("button", name="Open sidebar").tap()
        expect(row(phone, "Another")).to_have_count(1)
        expect(row(phone, "Doomed")).to_have_count(0)


@pytest.mark.parametrize("by", ["pointer", "keys"])
def test_undone_the_deletion_of_the_open_chat_leads_back_to_it(page: Page, by: str) -> None:
    page.goto("/")
    ask(page, "Open one. [[tokens=5]]")
    until_done(page)
    chat = page.url
    page.get_by_role("button", name="More for this chat").press("Enter")
    entry = page.get_by_role("link", name="Delete", exact=True)
    entry.click() if by == "pointer" else entry.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    if by == "keys":
        expect(undo).to_be_focused()
        page.keyboard.press("Enter")
    else:
        undo.click()
    expect(page).to_have_url(chat)
    expect(page.locator(".bubble")).to_contain_text("Open one")
    expect(row(page, "Open one")).to_have_count(1)
    page.reload()
    expect(row(page, "Open one")).to_have_count(1)


def test_going_back_to_a_chat_that_is_being_deleted_does_not_show_it_for_long(page: Page, alice: User) -> None:
    has(alice, "Doomed")
    page.goto("/")
    row(page, "Doomed").click()
    page.get_by_role("button", name="More for this chat").click()
    with slow_to_delete(alice):
        page.get_by_role("link", name="Delete", exact=True).click()
        expect(page.get_by_text("“Doomed” deleted")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="Doomed")).to_be_visible()
        expect(row(page, "Doomed")).to_have_count(0)
    expect(page.get_by_role("heading", name=re.compile("Good"))).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(0)


def test_what_could_not_be_deleted_is_back_in_the_list(page: Page, alice: User, complaints: list[str]) -> None:
    page.route(
        re.compile("/api/conversations/"), lambda route: route.fulfill(status=503, json={"error": {"message": "Later."}})
    )
    has(alice, "Hardy")
    page.goto("/")
    delete(page, "Hardy")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("“Hardy” could not be deleted. Later.")).to_be_visible()
    expect(row(page, "Hardy")).to_have_count(1)
    complaints[:] = [one for one in complaints if "503" not in one]  # what was asked for
