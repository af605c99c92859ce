"""Follow-up questions below the last answer: offered to people who may write, gone with the next question."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from accounts.models import Grant, User
from chat.access import notices
from chat.models import Run
from chat.parts import Text
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean
from tests.scripted import ScriptedRun

Contexts = Callable[..., BrowserContext]
QUESTIONS = [
    "Why is the sea blue?",
    "What of the sky?",
    "Which colour has the water of a deep lake in the mountains?",
]


@pytest.fixture
def told(alice: User) -> ScriptedRun:
    """A complete answer in a chat of alice's."""
    scripted = ScriptedRun(alice)
    scripted.say("It is blue.")
    scripted.end([Text("It is blue.")])
    return scripted


def suggest(told: ScriptedRun) -> None:
    Run.objects.filter(pk=told.run.pk).update(follow_ups=QUESTIONS)
    notices.run_changed(told.run, Run.Status.COMPLETE)


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_they_appear_on_the_open_page_and_are_gone_with_the_next_question(
    open_context: Contexts, alice: User, told: ScriptedRun, device: str
) -> None:
    page = open_context(alice, **(PHONE if device == "phone" else {})).new_page()
    page.goto(told.path)
    expect(page.get_by_text("It is blue.")).to_be_visible()
    suggest(told)
    offered = page.get_by_role("navigation", name="Follow-up questions")
    expect(offered.get_by_role("link")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    axe_clean(page)
    offered.get_by_role("link", name="What of the sky?").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("What of the sky?")
    page.get_by_role("textbox", name="Message").fill("What of the sky? [[tokens=40 rate=20]]")
    page.get_by_role("textbox", name="Message").press("Enter")
    expect(offered).to_have_count(0)


def test_without_script_the_link_brings_the_question_into_the_composer(
    open_context: Contexts, alice: User, told: ScriptedRun
) -> None:
    suggest(told)
    page = open_context(alice, java_script_enabled=False).new_page()
    page.goto(told.path)
    page.get_by_role("link", name="What of the sky?").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("What of the sky?")


def test_readers_and_strangers_are_offered_none(
    open_context: Contexts, alice: User, bob: User, charlie: User, told: ScriptedRun
) -> None:
    suggest(told)
    Grant.objects.create(tenant=alice.tenant, person=bob, action="read", kind="conversation", target=str(told.chat.pk))
    page = open_context(bob).new_page()
    page.goto(told.path)
    expect(page.get_by_text("It is blue.")).to_be_visible()
    expect(page.get_by_role("link", name="What of the sky?")).to_have_count(0)
    for person, status in ((bob, 200), (charlie, 404)):
        answer = open_context(person).request.get(f"{told.path}/follow-ups")
        assert answer.status == status
        assert "sky" not in answer.text()
