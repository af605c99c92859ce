"""Deleting a chat: out of sight at once, with a way back that the server keeps, also by keys, on a phone and without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from accounts.models import User
from chat.models import Conversation
from tests.browser.conftest import Complaints
from tests.browser.steps import ask, axe_clean, requests_of, until_done

Contexts = Callable[..., BrowserContext]


def row(page: Page, title: str) -> Locator:
    return page.locator("[data-row]").filter(has_text=title)


def delete(page: Page, title: str) -> None:
    """Delete a chat by the menu of its row."""
    row(page, title).hover()
    page.get_by_role("button", name=f"More for {title}").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text(f"“{title}” deleted")).to_be_visible()


def has(alice: User, *titles: str) -> list[Conversation]:
    return [Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title=title) for title in titles]


def test_what_was_deleted_in_the_drawer_can_be_brought_back_there(phone: Page, alice: User) -> None:
    title = "x" * 80  # without a space, and longer than its toast
    has(alice, title)
    phone.goto("/")
    phone.get_by_role("button", name="Open sidebar").tap()
    phone.get_by_role("button", name=f"More for {title}").tap()
    phone.get_by_role("button", name="Delete", exact=True).tap()
    expect(phone.locator("#sidebar")).to_be_visible()
    expect(phone.locator("[data-row], .nav-title")).to_have_count(0)
    words, undo = phone.locator(".toast .title"), phone.locator(".toast [data-undo]")
    expect(words).to_be_visible()
    edge = "part => part.getBoundingClientRect().right"
    assert words.evaluate(edge) <= undo.evaluate("part => part.getBoundingClientRect().left")
    axe_clean(phone)
    undo.tap()
    expect(phone.locator(".toast")).to_have_count(0)
    expect(phone.locator("[data-row]")).to_have_count(1)


def test_without_script_a_page_asks_and_the_next_offers_the_way_back(open_context: Contexts, alice: User) -> None:
    (chat,) = has(alice, "By form")
    page = open_context(alice, java_script_enabled=False).new_page()
    page.goto(f"/c/{chat.pk}/delete")
    page.get_by_role("main").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Good"))).to_be_visible()
    expect(row(page, "By form")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(f"/c/{chat.pk}$"))
    expect(row(page, "By form")).to_have_count(1)


def test_the_page_that_asks_before_deleting_is_clean(page: Page, alice: User) -> None:
    (chat,) = has(alice, "Asked about")
    for way in ("delete", "rename"):
        page.goto(f"/c/{chat.pk}/{way}")
        axe_clean(page)


def test_a_chat_is_renamed_and_deleted_with_a_way_back(page: Page, alice: User) -> None:
    (chat,) = has(alice, "To be renamed")
    page.goto(f"/c/{chat.pk}")
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Rename", exact=True).click()
    field = page.get_by_label("Name", exact=True)
    expect(field).to_be_focused()
    axe_clean(page)
    page.keyboard.type("Of another name")  # over the old one, which is selected
    page.keyboard.press("Enter")
    expect(row(page, "Of another name").get_by_role("link")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("heading", level=1)).to_have_text("Of another name")
    expect(page).to_have_title(re.compile("^Of another name · "))
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="More for this chat")).to_be_focused()
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_text("“Of another name” deleted")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Good"))).to_be_visible()
    expect(row(page, "Of another name")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(f"/c/{chat.pk}$"))
    expect(row(page, "Of another name")).to_have_count(1)
    page.get_by_role("button", name="Undo").wait_for(state="detached")


def test_a_name_of_nothing_is_refused_in_the_dialog(page: Page, alice: User, complaints: Complaints) -> None:
    has(alice, "Has a name")
    page.goto("/")
    row(page, "Has a name").hover()
    page.get_by_role("button", name="More for Has a name").click()
    page.get_by_role("button", name="Rename", exact=True).click()
    field = page.get_by_label("Name", exact=True)
    expect(field).to_have_value("Has a name")
    field.fill("\u200b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Enter a name with visible characters.")
    expect(field).to_be_focused()
    axe_clean(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More for Has a name")).to_be_focused()
    complaints[:] = [one for one in complaints if "422" not in one]  # the browser tells of each


def test_a_chat_is_deleted_and_brought_back_by_keys_alone(page: Page, alice: User) -> None:
    has(alice, "First", "Second", "Third")
    page.goto("/")
    page.get_by_role("link", name="Second").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rename", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(row(page, "Second")).to_have_count(0)
    expect(page.get_by_role("link", name="First")).to_be_focused()  # the next one
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(row(page, "Second")).to_have_count(1)
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()


@pytest.mark.parametrize("way", ["another chat", "reload"])
def test_the_next_page_does_not_list_it_and_offers_the_way_back(page: Page, alice: User, way: str) -> None:
    doomed, _ = has(alice, "Doomed", "Another")
    page.goto("/")
    delete(page, "Doomed")
    if way == "reload":
        page.reload()
    else:
        row(page, "Another").click()
        expect(page.get_by_role("heading", name="Another")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(f"/c/{doomed.pk}$"))


def test_going_back_to_a_deleted_chat_shows_that_it_is_not_there(page: Page, alice: User, complaints: Complaints) -> None:
    has(alice, "Doomed")
    page.goto("/")
    row(page, "Doomed").click()
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_text("“Doomed” deleted")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="This page does not exist")).to_be_visible()
    complaints[:] = [one for one in complaints if "404" not in one]  # the page's own status


def test_a_deletion_that_fails_leaves_the_row_and_says_so(page: Page, alice: User, complaints: Complaints) -> None:
    complaints.expected += ("503", "ERR_FAILED")
    has(alice, "Hardy")
    page.goto("/")
    refusals: dict[str, Callable[[Route], None]] = {
        "Galaxy could not do that just now.": lambda route: route.fulfill(status=503, body="<h1>no</h1>"),
        "Galaxy cannot be reached.": lambda route: route.abort(),
    }
    for told, refuse in refusals.items():
        page.route(re.compile("/delete$"), refuse)
        row(page, "Hardy").hover()
        page.get_by_role("button", name="More for Hardy").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_text(told)).to_be_visible()
        expect(row(page, "Hardy")).to_have_count(1)
        page.unroute(re.compile("/delete$"))


def test_an_answer_under_way_is_stopped_and_can_be_continued_after_undo(page: Page, complaints: Complaints) -> None:
    complaints.expected += ("404",)  # the page that is left asks how its answer ended
    page.goto("/")
    ask(page, "Long one. [[tokens=400 rate=20]]")
    expect(page.locator(".answer p").first).to_be_visible()
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("You stopped this answer")).to_be_visible()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(until_done(page)).to_be_visible()


def test_ctrl_click_and_a_double_click_do_what_one_expects(page: Page, alice: User) -> None:
    """Left to itself, htmx would take the first click away from the browser and send the second twice."""
    (chat,) = has(alice, "Twice")
    page.goto(f"/c/{chat.pk}")
    page.get_by_role("button", name="More for this chat").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Rename", exact=True).click(modifiers=["Control"])
    expect(opened.value.get_by_role("heading", name="Rename chat")).to_be_visible()
    opened.value.close()
    sent = requests_of(page, "/rename", "POST")
    page.get_by_role("link", name="Rename", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Once")
    page.get_by_role("button", name="Rename", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Once")
    assert len(sent) == 1
