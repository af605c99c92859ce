"""The page on the use of tools in a browser: on a desk and a phone, in both themes, by key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean
from tools import calls
from tools.models import ToolCall

Contexts = Callable[..., BrowserContext]
DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def operator(alice: User, bob: User) -> User:
    """Alice, whose tenant has called tools."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    for number in range(30):
        _made(alice if number % 3 else bob, "basic_math", 0.01 * number, is_cached=number % 5 == 0)
        _made(bob, "read_web_page", 0.5 * number, **({"state": "failed", "error": "tool_error"} if number % 2 else {}))
    _made(bob, "book", 1.0, state="unknown", cost=0.25)
    return alice


def _made(person: User, tool: str, seconds: float, **fields: Any) -> None:
    begun = timezone.now() - timedelta(hours=1)
    told = {"state": "succeeded", "via": "model", "model": "Stand-in", "risk": "read"} | fields
    times = {"created_at": begun, "dispatched_at": begun, "ended_at": begun + timedelta(seconds=seconds)}
    ToolCall.objects.create(id=calls.new_id(), tenant=person.tenant, person=person, tool=tool, **told, **times)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("device", ["desk", "phone"])
def test_the_page_fits_and_can_be_read(open_context: Contexts, operator: User, theme: str, device: str) -> None:
    options: dict[str, Any] = PHONE if device == "phone" else DESK
    page = open_context(operator, color_scheme=theme, **options).new_page()
    page.goto("/admin/tool-use/")
    expect(page.get_by_text("15 of 30 calls failed, mostly because of an error that the tool explains.")).to_be_visible()
    expect(page.get_by_role("link", name="Calculator")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    axe_clean(page)


def test_periods_calls_and_the_download_are_reached_by_key(open_context: Contexts, operator: User) -> None:
    page: Page = open_context(operator, **DESK).new_page()
    page.goto("/admin/tool-use/")
    page.get_by_role("link", name="All time").press("Enter")
    expect(page.get_by_role("link", name="All time")).to_have_attribute("aria-current", "page")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").press("Enter")
    assert download.value.suggested_filename == "tool-use-all.csv"
    page.get_by_role("link", name="Web page").press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(30)
