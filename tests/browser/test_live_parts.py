"""Parts of a page that draw themselves anew: what one writes, reads and points at stays, and a model's text is never live."""

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from chat.models import Conversation, Message
from chat.parts import Text
from tests.browser.conftest import Complaints
from tests.browser.steps import requests_of
from tests.stack import Galaxy

NOTICE = "topic => document.body.dispatchEvent(new CustomEvent(`notice:${topic}`, {bubbles: true}))"
LIST = "document.getElementById('conversations')"


def has(alice: User, title: str) -> Conversation:
    return Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title=title)


def test_a_refreshed_list_keeps_its_pages_its_place_its_menu_and_what_is_being_written(page: Page, alice: User) -> None:
    for number in range(85):
        has(alice, f"Chat {number}")
    page.goto("/")
    for length in (80, 85):
        page.locator("[data-row]").last.scroll_into_view_if_needed()
        expect(page.locator("[data-row]")).to_have_count(length)
    expect(page.locator(".nav-title")).to_have_count(1)
    has(alice, "Came in")
    field = page.get_by_role("textbox", name="Message")
    field.fill("Half a question")
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="More for Chat 2", exact=True).click()
    expect(page.get_by_role("button", name="Rename", exact=True)).to_be_focused()
    before = page.evaluate(f"{LIST}.scrollTop")
    page.evaluate(NOTICE, "conversations")
    expect(page.locator("[data-row]").first).to_contain_text("Came in")
    expect(page.locator("[data-row]")).to_have_count(86)
    expect(page.get_by_role("button", name="Rename", exact=True)).to_be_focused()
    assert page.evaluate(f"{LIST}.scrollTop") >= before > 0
    field.focus()
    page.evaluate(NOTICE, "runs")
    Conversation.objects.filter(owner=alice, title="Came in").update(title="Renamed")
    page.evaluate(NOTICE, "conversations")
    expect(page.locator("[data-row]").first).to_contain_text("Renamed")
    assert field.evaluate("field => field.selectionStart") == len("Half a question") - 1
    expect(field).to_be_focused()
    page.keyboard.press("Escape")


def test_many_notices_at_once_are_one_request(page: Page, alice: User) -> None:
    has(alice, "One")
    page.goto("/")
    asked = requests_of(page, "/conversations")
    for _ in range(10):
        page.evaluate(NOTICE, "conversations")
    expect(page.locator("#conversations[aria-busy]")).to_have_count(0)
    has(alice, "Two")
    page.evaluate(NOTICE, "conversations")
    expect(page.get_by_role("link", name="Two")).to_be_visible()
    assert len(asked) <= 3


def test_an_open_model_menu_keeps_its_search_and_the_choice(page: Page) -> None:
    page.goto("/")
    page.locator(".model-button").click()
    page.get_by_role("searchbox").fill("large")
    page.keyboard.press("Enter")
    expect(page.locator(".model-button")).to_have_text("Stand-in large")
    page.locator(".model-button").click()
    page.get_by_role("searchbox").fill("priced")
    with page.expect_response(re.compile("/models")):
        page.evaluate(NOTICE, "models")
    expect(page.locator("[data-models-slot][aria-busy]")).to_have_count(0)
    expect(page.locator(".model-picker label.menu-item:visible")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator(".model-button")).to_have_text("Stand-in large")
    expect(page.locator("input[name=model]:checked")).to_have_value("Stand-in large")


def test_who_is_signed_out_meanwhile_sees_no_sign_in_page_in_a_part_of_the_page(
    page: Page, alice: User, complaints: Complaints
) -> None:
    complaints.expected += ("401", "403")
    has(alice, "Mine")
    page.goto("/")
    field = page.get_by_role("textbox", name="Message")
    field.fill("Half a question")
    page.context.clear_cookies(name="galaxy_session")
    page.evaluate(NOTICE, "conversations")
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("#sidebar form[action*=sign-in]")).to_have_count(0)
    expect(field).to_have_value("Half a question")


def test_a_form_sent_by_who_is_signed_out_leads_to_the_sign_in(page: Page, complaints: Complaints) -> None:
    page.goto("/settings")
    page.context.clear_cookies(name="galaxy_session")
    page.locator("#profile").get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Fsettings$"))


def test_nothing_of_an_answer_s_text_is_live(page: Page, alice: User, galaxy: Galaxy) -> None:
    """Neither what the sanitiser should have taken out, nor what came past it."""
    chat = has(alice, "Hostile")
    attack = '<b hx-get="/attack" hx-trigger="load" data-hx-get="/attack" data-hx-trigger="load" id="toasts">x</b>'
    attack += '<hx-partial hx-target="#conversations">gone</hx-partial><i hx-swap-oob="innerHTML:#conversations">gone</i>'
    answer = Message.objects.create(
        conversation=chat, role="assistant", parts=[Text(f"{attack}\n\n[a](https://e.com '{attack}')")]
    )
    Conversation.objects.filter(pk=chat.pk).update(leaf=answer)
    asked = requests_of(page, "attack")
    page.goto(f"/c/{chat.pk}")
    prose = page.locator(".answer .prose")
    expect(prose).to_contain_text("hx-get")  # as text
    attributes = "part => [...part.querySelectorAll('*')].flatMap(one => one.getAttributeNames())"
    assert not [name for name in prose.evaluate(attributes) if re.match("hx-|data-|id$|x-", name)]
    prose.evaluate("(part, html) => { part.innerHTML = html; window.htmx.process(part); }", attack)
    page.evaluate(NOTICE, "conversations")
    expect(page.get_by_role("link", name="Hostile")).to_be_visible()
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Rename", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    assert asked == []
    expect(page.locator("[data-row]")).to_have_count(1)


def test_the_browser_goes_back_over_what_was_swapped(page: Page, alice: User) -> None:
    first, second = has(alice, "First"), has(alice, "Second")
    page.goto(f"/c/{first.pk}")
    page.get_by_role("link", name="Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    page.evaluate(NOTICE, "conversations")
    expect(page.locator("#conversations[aria-busy]")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    expect(page.locator("#conversations [aria-current]")).to_contain_text("First")
    page.go_forward()
    expect(page).to_have_url(re.compile(str(second.pk)))
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
