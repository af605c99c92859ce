"""A chat that one may only read, and a portal whose models are not for everyone."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Grant, User
from chat.models import Conversation
from tests.browser.steps import ask, axe_clean, until_done


def test_a_reader_sees_the_chat_as_it_grows_and_no_button_that_is_not_theirs(
    page: Page, alice: User, bob: User, open_context: Callable[..., BrowserContext]
) -> None:
    page.goto("/")
    ask(page, "For bob to read. [[tokens=5]]")
    until_done(page)
    chat = Conversation.objects.get(owner=alice)
    Grant.objects.create(tenant=alice.tenant, person=bob, action="read", kind="conversation", target=str(chat.pk))
    reader = open_context(bob, viewport={"width": 1440, "height": 900}).new_page()
    reader.goto(f"/c/{chat.pk}")
    expect(reader.locator(".bubble")).to_contain_text("For bob to read")
    expect(reader.get_by_text("This chat is shared with you, read-only.")).to_be_visible()
    expect(reader.locator(".message.user h2")).to_have_text(alice.display_name)
    expect(page.locator(".message.user h2")).to_have_text("You")
    expect(reader.locator(".topbar").get_by_text(f"{alice.display_name}’s chat, read-only")).to_be_visible()
    expect(reader.locator(f'[data-row="{chat.pk}"]')).to_contain_text(alice.display_name)
    expect(page.get_by_text(f"{alice.display_name}’s chat")).to_have_count(0)  # her own
    expect(page.locator(f'[data-row="{chat.pk}"]')).not_to_contain_text(alice.display_name)
    expect(reader.get_by_role("textbox", name="Message")).to_have_count(0)
    expect(reader.get_by_role("button", name=re.compile("^More for"))).to_have_count(0)
    axe_clean(reader)
    ask(page, "More of it. [[tokens=900 rate=100]]")
    expect(page.locator(".answer")).to_have_count(2)
    expect(reader.locator(".bubble").last).to_contain_text("More of it", timeout=10_000)
    expect(reader.locator(".message.user h2")).to_have_text([alice.display_name] * 2)  # in what came in later, too
    reader.reload()
    reader.keyboard.press("Escape")  # stops nothing
    until_done(page, 2)
    expect(reader.locator(".answer").last).not_to_have_attribute("aria-busy", "true")
    assert reader.locator(".answer").last.inner_text()[:200] == page.locator(".answer").last.inner_text()[:200]


def test_who_may_use_no_model_is_told_so(page: Page, alice: User) -> None:
    Grant.objects.filter(tenant=alice.tenant, kind="model").delete()
    page.goto("/")
    expect(page.get_by_text("No language model is available to you yet")).to_be_visible()
    expect(page.get_by_text("Start Ollama")).to_have_count(0)
    axe_clean(page)
