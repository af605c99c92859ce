"""An answer that failed, or said nothing, says so and can be asked for again: by the model that is chosen now."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from chat.models import Conversation, Message, Run
from chat.parts import Reasoning, Text
from tests.browser.steps import answers, ask, axe_clean, until_done, words_of


def choose(page: Page, model: str) -> None:
    page.get_by_role("button", name="Model").click()
    page.get_by_role("searchbox").fill(model)
    expect(page.locator(".model-picker label.menu-item:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Model: {model}", exact=True)).to_be_visible()


def test_try_again_asks_the_model_that_is_chosen_now(page: Page) -> None:
    page.goto("/")
    choose(page, "dead")
    ask(page, "Hello. [[tokens=8]]")
    expect(page.locator(".banner.danger")).to_contain_text("The answer could not be finished", timeout=30_000)
    page.get_by_role("button", name="Try again", exact=True).click()  # still the same one
    expect(page.locator(".answer[aria-busy]")).to_have_count(0, timeout=30_000)
    expect(page.locator(".banner.danger")).to_be_visible(timeout=30_000)
    expect(answers(page)).not_to_contain_text("null")
    choose(page, "Stand-in large")
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(page.locator(".banner.danger")).to_have_count(0)
    answer = until_done(page)
    expect(answer.locator(".message-actions .label").first).to_have_text("Stand-in large")
    assert words_of(answer)
    page.reload()
    expect(page.get_by_role("button", name="Model: Stand-in large")).to_be_visible()


def test_a_continued_answer_names_both_models(page: Page) -> None:
    page.goto("/")
    ask(page, "Break. [[tokens=60 fault=cut@20]]")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible(timeout=30_000)
    choose(page, "Stand-in large")
    page.get_by_role("button", name="Continue", exact=True).click()
    label = page.locator(".message-actions .label").nth(1)
    expect(label).to_have_text("Stand-in, then Stand-in large", timeout=30_000)


def blank_answer(alice: User, text: str, reasoning: str = "", asked: str = "Well? [[tokens=4]]") -> Conversation:
    """An answer that is complete, with nothing in it to see."""
    talk = Conversation.objects.create(tenant=alice.tenant, owner=alice, title="Blank", model="Stand-in")
    question = Message.objects.create(conversation=talk, role="user", parts=[Text(asked)])
    answer = Message.objects.create(
        conversation=talk, role="assistant", parent=question, parts=[Reasoning(reasoning), Text(text)], model="Stand-in"
    )
    Conversation.objects.filter(pk=talk.pk).update(leaf=answer)
    Run.objects.create(
        conversation=talk, answer=answer, person=alice, model="Stand-in", status="complete", finish_reason="stop"
    )
    return talk


@pytest.mark.parametrize("text", ["", " \n", "\u200b\ufe0f", "&#8203;"], ids=["none", "spaces", "unseen", "named"])
def test_an_answer_without_a_word_says_so_and_is_asked_for_again(page: Page, alice: User, text: str) -> None:
    talk = blank_answer(alice, text, reasoning="Hm." if not text else "")
    page.goto(f"/c/{talk.pk}")
    expect(page.locator(".banner")).to_contain_text("The model gave no answer")
    axe_clean(page)
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(page.locator(".banner")).to_have_count(0)
    assert re.search(r"\w", words_of(until_done(page)))
    page.reload()
    assert re.search(r"\w", words_of(answers(page).last))


SLOWLY = """
const get = window.fetch;
window.fetch = async (what, ...more) => {
  const answer = await get(what, ...more);
  const address = String(what.url ?? what);
  const late = address.endsWith("/continue") ? 400 : address.includes("/messages/") ? 2000 : 0;
  await new Promise((go) => setTimeout(go, late));
  return answer;
};
"""


def test_an_answer_that_goes_on_here_is_not_replaced_by_what_was_asked_for_before(page: Page, alice: User) -> None:
    talk = blank_answer(alice, "", asked="Well? [[tokens=10 rate=10]]")
    page.add_init_script(SLOWLY)
    page.goto(f"/c/{talk.pk}")
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(page.locator(".banner")).to_have_count(0, timeout=30_000)
    assert re.search(r"\w", words_of(until_done(page)))
