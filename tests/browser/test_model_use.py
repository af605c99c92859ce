"""The use of models: a person's own page, and the operators', on a desktop and a phone, in both themes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from chat.models import ModelCall
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean

Contexts = Callable[..., BrowserContext]
DESK = {"viewport": {"width": 1440, "height": 900}}


def _asked(person: User, model: str, day: int, **fields: Any) -> None:
    took = timedelta(seconds=0.2 + day / 100)
    told: dict[str, Any] = {"prompt_tokens": 400 * day, "completion_tokens": 90 * day, "outcome": "stop"} | fields
    at = timezone.now() - timedelta(days=day)
    times = {"at": at, "first_token": took, "took": 4 * took}
    ModelCall.objects.create(tenant=person.tenant, person=person, model=model, provider="openai", **told, **times)


@pytest.fixture
def asked(alice: User, bob: User, charlie: User) -> User:
    """Alice, an operator, after she, bob and charlie have asked models."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    for day in range(28):
        _asked(alice, "Claude", day, cost="0.0125", cached_tokens=100 * day)
        if day % 3 == 0:
            _asked(alice, "Local", day, outcome="model_overloaded" if day % 2 else "stop")
    _asked(bob, "Bobs model", 2, cost="1.5")
    _asked(charlie, "Charlies model", 2, cost="2.5")
    return alice


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("device", ["desk", "phone"])
def test_a_person_sees_their_own_use_and_no_one_elses(open_context: Contexts, asked: User, theme: str, device: str) -> None:
    page = open_context(asked, color_scheme=theme, **(PHONE if device == "phone" else DESK)).new_page()
    page.goto("/settings/usage")
    expect(page.get_by_role("row", name="Claude")).to_contain_text("$0.3500")
    expect(page.get_by_role("row", name="Local")).to_contain_text("not known")
    expect(page.get_by_role("img", name="Tokens a day")).to_be_visible()
    assert "Bobs model" not in page.content()
    assert "Charlies model" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    axe_clean(page)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("device", ["desk", "phone"])
def test_an_operator_sees_the_use_of_their_tenant(
    open_context: Contexts, asked: User, bob: User, theme: str, device: str
) -> None:
    page = open_context(asked, color_scheme=theme, **(PHONE if device == "phone" else DESK)).new_page()
    page.goto("/admin/model-use/")
    expect(page.get_by_role("row", name="Bobs model")).to_contain_text("$1.5000")
    expect(page.get_by_role("row", name=bob.email)).to_be_visible()
    assert "Charlies model" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    axe_clean(page)


def test_periods_are_reached_by_key_and_the_table_is_downloaded(open_context: Contexts, asked: User) -> None:
    page: Page = open_context(asked, **DESK).new_page()
    page.goto("/settings/usage")
    page.get_by_role("link", name="7 days").press("Enter")
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("row", name="Claude")).to_contain_text("$0.0875")
    page.goto("/admin/model-use/?period=quarter")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").press("Enter")
    assert download.value.suggested_filename == "model-use-quarter.csv"
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("what,name,provider,requests")
    assert any(line.startswith(f"person,{asked.email},") for line in lines)


def test_who_asked_nothing_is_led_to_a_chat(open_context: Contexts, bob: User) -> None:
    page = open_context(bob, **DESK).new_page()
    page.goto("/settings/usage")
    expect(page.get_by_text("You sent no requests to models in this period.")).to_be_visible()
    page.get_by_role("link", name="Start a chat").click()
    expect(page).to_have_url("/")
