"""The pieces of an answer stand in the order in which they were made: live, after a reload in the middle, and at the end."""

import json
import re

from playwright.sync_api import Page, expect

from accounts.models import User
from chat.parts import AnyPart, Artifact, Citation, Reasoning, Text, ToolCall, ToolResult, UIBlock
from tests.browser.steps import axe_clean, until_done
from tests.scripted import ScriptedRun, call

# All that one can read in an answer, piece by piece, but for times: those go by.
SHAPE = """() => JSON.stringify([...document.querySelectorAll(".answer .pieces > :not([data-steps])")].map((piece) => {
    const copy = piece.cloneNode(true);
    for (const part of copy.querySelectorAll(".steps-time, .caret, button")) part.remove();
    const states = [...copy.querySelectorAll("[data-state]")].map((part) => part.dataset.state + part.open);
    const words = copy.matches(".thinking") ? copy.querySelector(".thinking-text").textContent : copy.textContent;
    return [copy.classList[0], states, words.replace(/\\s+/g, " ").trim()];
}).filter(([, , words]) => words))"""
SAME = f"(shape) => ({SHAPE})() === shape"
SUM = '{"expression": "2 + 2", "digits": 3}'


def shape(page: Page) -> str:
    return str(page.evaluate(SHAPE))


def same_after_a_reload(page: Page) -> str:
    """The shape of the answer, once a page that was loaded later shows the same."""
    later = page.context.new_page()
    later.goto(page.url)
    later.wait_for_function(SAME, arg=shape(page))
    later.close()
    return shape(page)


def test_an_answer_shows_the_same_live_after_a_reload_in_the_middle_and_at_its_end(page: Page, alice: User) -> None:
    run = ScriptedRun(alice)
    page.goto(run.path)
    run.tell("process_start", "Asking Stand-in")
    run.say("Hm, a sum.", "reasoning")
    run.say("First **a sum**.\n\nThen")
    expect(page.locator(".prose strong")).to_have_text("a sum")
    run.tell("tool_selection", "Calling 2 tools", calls=[call("aaa", "sums", arguments=SUM), call("bbb", "search")])
    run.move("aaa", "running")
    run.move("bbb", "running")
    expect(page.get_by_text("2 tools at once")).to_be_visible()
    assert '"runningfalse","runningfalse"' in same_after_a_reload(page)
    run.move("aaa", "succeeded", text="4", seconds=0.8)
    run.move("bbb", "failed", text="It did not answer.", seconds=2)
    run.tell("artifact_creation", artifact_id="x1", version=2, name="sums.csv")
    expect(page.locator(".artifact")).to_contain_text("Version 2")
    same_after_a_reload(page)
    run.tell("process_start", "Asking Stand-in again")
    run.say("Is that so?")
    run.rethink()
    run.say("It is *4*.")
    expect(page.locator(".prose em")).to_have_text("4")
    expect(page.locator(".thinking")).to_have_count(2)
    expect(page.locator(".prose").first).to_contain_text("First a sum.")  # a later step's thoughts are not this one's
    same_after_a_reload(page)
    made: list[AnyPart] = [
        Reasoning("Hm, a sum."),
        Text("First **a sum**.\n\nThen"),
        ToolCall("aaa", "sums", SUM, title="Sums"),
        ToolCall("bbb", "search", title="Search"),
        ToolResult("aaa", "succeeded", "4", seconds=0.8),
        ToolResult("bbb", "failed", "It did not answer.", seconds=2.0),
        Artifact("x1", 2, "sums.csv"),
        Reasoning("Is that so?", step=2),
        Text("It is *4*.", step=2),
    ]
    run.end(made)
    until_done(page)
    streamed = same_after_a_reload(page)
    assert [kind for kind, _, _ in json.loads(streamed)] == ["steps", "prose", "calls", "artifact", "steps", "prose"]
    axe_clean(page)


def test_a_card_that_is_open_and_focused_stays_so_when_its_call_ends(page: Page, alice: User) -> None:
    run = ScriptedRun(alice)
    page.goto(run.path)
    run.tell("tool_selection", "Calling sums", calls=[call("aaa", "sums", arguments=SUM)])
    card = page.locator(".tool-call")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(card).to_have_attribute("open", "")
    expect(card).to_contain_text("expression")
    expect(card).to_contain_text("2 + 2")
    expect(card).not_to_contain_text("{")
    run.tell("tool_execution", "Row 40 of 100", progress=0.4, call_id="aaa", state="running")
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    expect(card).to_contain_text("Row 40 of 100")
    expect(card.locator(".steps-time")).to_have_text(re.compile(r"^\d+:\d\d$"))
    run.move("aaa", "succeeded", text="four\n" * 400, seconds=1.25)
    expect(card).to_contain_text("Done")
    expect(card).to_contain_text("1.2 s")
    expect(card).to_have_attribute("open", "")
    expect(card.locator("summary")).to_be_focused()
    expect(card).to_contain_text("This is only the beginning.")
    height = card.locator("pre").bounding_box()
    assert height
    assert height["height"] < 300  # it scrolls inside itself
    expect(page.locator("#announcer")).to_have_text("Sums finished")


def test_each_end_of_a_call_says_what_it_means(phone: Page, alice: User) -> None:
    run = ScriptedRun(alice)
    ends = {
        "succeeded": "Done",
        "failed": "Failed",
        "denied": "It was not allowed, and did not run.",
        "expired": "No one decided in time",
        "cancelled": "Cancelled",
        "unknown": "It is not known whether this happened",
    }
    run.tell("tool_selection", calls=[call(state, state) for state in ends])
    for state in ends:
        run.move(state, state)
    phone.goto(run.path)
    for state, words in ends.items():
        expect(phone.locator(f'[data-call="{state}"]')).to_contain_text(words)
    axe_clean(phone)
    wide = phone.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


def test_a_stored_answer_shows_sources_and_what_a_call_without_an_end_means(page: Page, alice: User) -> None:
    run = ScriptedRun(alice)
    run.end(
        [
            ToolCall(
                "aaa", "<b>evil</b>", '{"<i>a": ["x", "y"], "deep": {"a": 1}, "on": true}', repaired=("Took 1 as a number.",)
            ),
            Text("So."),
            Citation("https://example.org/a", "A page"),
            Citation("javascript:alert(1)", "Another"),
            UIBlock("c1", {"type": "of another time"}),
        ]
    )
    page.goto(run.path)
    card = page.locator("[data-call]")
    expect(card).to_contain_text("<b>evil</b>")
    expect(card).to_contain_text("It is not known whether this happened")
    for words in ("<i>a", "x, y", '"a": 1', "yes", "Took 1 as a number."):
        expect(card).to_contain_text(words)
    expect(page.get_by_role("link", name="A page")).to_have_attribute("href", "https://example.org/a")
    expect(page.get_by_role("link", name="Another")).to_have_count(0)
