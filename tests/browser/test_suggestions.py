"""Suggestions of a new chat: of one's own tools alone, by mouse, key and without script, and nothing jumps."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Grant, User
from tests.browser.steps import CHAT, axe_clean, until_done
from tests.stack import Galaxy
from tools import access
from tools.models import ToolSetting

Contexts = Callable[..., BrowserContext]
EXAMPLE = re.compile("sine|prime|discount|0.1|metres|Tokyo|days|New York|databases|dates")


def suggested(page: Page) -> list[str]:
    page.goto("/")
    return page.locator(".suggestion b").all_inner_texts()


def until_suggested(page: Page, wanted: set[str]) -> None:
    """Reload until these alone are suggested: what operators set is in force everywhere within a second."""
    for _ in range(60):
        if set(suggested(page)) == wanted:
            return
        page.wait_for_timeout(250)
    assert set(suggested(page)) == wanted


def test_a_suggestion_is_taken_by_key_and_sent(page: Page) -> None:
    questions = suggested(page)
    assert len(questions) == 4
    assert all(EXAMPLE.search(question) for question in questions)
    axe_clean(page)
    link = page.get_by_role("region", name="Suggestions").get_by_role("link").first
    link.focus()
    before = link.bounding_box()
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Message")
    expect(field).to_be_focused()
    expect(field).to_have_value(questions[0])
    assert link.bounding_box() == before
    page.keyboard.press("Enter")
    until_done(page)
    expect(page).to_have_url(CHAT)
    expect(page.locator(".suggestion")).to_have_count(0)


def test_suggestions_fit_a_phone(phone: Page) -> None:
    assert len(suggested(phone)) == 4
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert all(box.bounding_box()["height"] >= 44 for box in phone.locator(".suggestion").all())  # type: ignore[index]
    phone.locator(".suggestion").last.tap()
    expect(phone.get_by_role("textbox", name="Message")).not_to_have_value("")


def test_without_script_a_suggestion_is_a_link(open_context: Contexts, alice: User) -> None:
    page = open_context(alice, java_script_enabled=False).new_page()
    page.goto("/")
    words = page.locator(".suggestion b").first.inner_text()
    page.locator(".suggestion").first.click()
    expect(page.locator("#message")).to_have_value(words)


def test_a_tool_that_one_may_not_use_or_that_is_off_suggests_nothing(
    open_context: Contexts, page: Page, alice: User, charlie: User
) -> None:
    kept = "current_time"
    for tool in (tool.spec.name for tool in access.tools_for(alice) if tool.spec.name != kept):
        if len(tool) % 2:
            ToolSetting.objects.create(tenant=alice.tenant, tool=tool, is_on=False)
        else:
            Grant.objects.create(tenant=alice.tenant, person=alice, effect="deny", action="use", kind="tool", target=tool)
    until_suggested(page, {"What time is it in Tokyo?"})
    Grant.objects.filter(tenant=charlie.tenant, kind="tool").delete()
    stranger = open_context(charlie).new_page()
    until_suggested(stranger, set())
    expect(stranger.get_by_role("region", name="Suggestions")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_suggestions_can_be_read(page: Page, galaxy: Galaxy, theme: str) -> None:
    page.context.add_cookies([{"name": "galaxy_theme", "value": theme, "url": galaxy.base_url}])
    suggested(page)
    axe_clean(page)
