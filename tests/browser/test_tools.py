"""The page of tools: found, tried, refused with a reason, asked about; by keyboard, on a phone, and without script."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Grant, User
from chat.models import Conversation
from tests.browser.steps import CHAT, ask, axe_clean, until_done
from tests.stack import Galaxy


@pytest.mark.parametrize("device", ["page", "phone"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_tool_is_found_tried_and_its_result_read(
    request: pytest.FixtureRequest, galaxy: Galaxy, device: str, theme: str
) -> None:
    page: Page = request.getfixturevalue(device)
    page.context.add_cookies([{"name": "galaxy_theme", "value": theme, "url": galaxy.base_url}])
    page.goto("/")
    if device == "phone":
        page.get_by_role("button", name="Open sidebar").click()
    page.get_by_role("link", name="Tools").click()
    page.get_by_label("Find a tool").fill("integers")
    expect(page.locator(".tool-name")).to_have_count(1)
    axe_clean(page)
    page.locator(".tool-name").click()
    form = page.get_by_role("form", name="Try it")
    page.locator("#f-a").fill("2")
    page.locator("#f-b").fill("40")
    form.get_by_role("button", name="Run").click()
    expect(page.locator("#panel .result")).to_contain_text('{"total":42}')
    expect(page).to_have_url(re.compile("/tools/add$"))
    axe_clean(page)
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#panel")).to_be_hidden()
    expect(page).to_have_url(re.compile("/tools$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def test_wrong_arguments_are_told_at_their_input_and_kept(page: Page) -> None:
    page.goto("/tools/book")
    page.locator("#f-room").fill("x" * 41)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#e-room")).to_contain_text("longer than 40")
    expect(page.locator("#f-room")).to_have_value("x" * 41)


def test_a_critical_call_is_asked_about_and_can_be_declined(page: Page) -> None:
    page.goto("/tools/unlock")
    page.locator("#f-door").fill("front")
    page.get_by_role("button", name="Run").click()
    question = page.locator(".tool-confirm")
    expect(question).to_contain_text("cannot be undone")
    axe_clean(page)
    question.get_by_role("button", name="Do not run").click()
    expect(page.locator("#panel .result")).to_contain_text("Denied")


def test_without_script_it_works_as_links_and_forms(open_context, alice: User) -> None:  # type: ignore[no-untyped-def]
    page = open_context(alice, java_script_enabled=False).new_page()
    page.goto("/tools?q=integers")
    page.locator(".tool-name").click()
    page.locator("#f-a").fill("1")
    page.locator("#f-b").fill("2")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#panel .result")).to_contain_text('{"total":3}')


def test_a_tool_that_one_may_not_use_is_not_there(page: Page, alice: User) -> None:
    Grant.objects.create(tenant=alice.tenant, person=alice, effect="deny", action="use", kind="tool", target="add")
    page.goto("/tools")
    expect(page.locator(".tool-name b", has_text=re.compile("^book$"))).to_be_visible()
    expect(page.locator(".tool-name b", has_text=re.compile("^add$"))).to_have_count(0)
    assert page.request.get("/tools/add").status == 404


@pytest.mark.parametrize("device", ["page", "phone"])
def test_the_tools_of_a_chat_are_chosen_before_its_first_message_and_locked_after_it(
    request: pytest.FixtureRequest, device: str, alice: User
) -> None:
    page: Page = request.getfixturevalue(device)
    page.goto("/")
    page.locator("[data-tools-button]").click()
    menu = page.get_by_role("group", name="Tools for this chat")
    axe_clean(page)
    menu.get_by_label("Tests").click()
    page.keyboard.press("Escape")
    expect(page.locator("[data-tools-button]")).to_have_attribute("aria-label", re.compile(r"^Tools: \d+ chosen$"))
    ask(page, "Without tests. [[tokens=5]]")
    until_done(page)
    expect(page).to_have_url(CHAT)
    for _ in range(2):
        expect(page.locator("[data-tools-button]")).to_have_attribute("aria-label", re.compile("locked"))
        page.locator("[data-tools-button]").click()
        expect(menu).to_contain_text("Chosen with the first message")
        expect(menu.get_by_label("Tests")).to_be_disabled()
        page.reload()
    chosen = Conversation.objects.get(owner=alice).tools
    assert chosen is not None
    assert "add" not in chosen


def test_a_story_with_tools_from_question_to_download(page: Page, phone: Page) -> None:
    page.goto("/")
    ask(page, '[[tool="show;book" arguments="{};;{\\"room\\":\\"Red\\"}" text="All is done."]]')
    card = "Your decision is needed"
    expect(page.get_by_role("region", name=card)).to_be_visible()
    phone.goto(page.url)  # another device decides, with other arguments
    asked = phone.get_by_role("region", name=card)
    asked.get_by_text("Edit or explain").click()
    asked.get_by_label("room").fill("Blue")
    axe_clean(phone)
    asked.get_by_role("button", name="Allow once").click()
    until_done(page)
    booked = page.locator(".tool-call", has_text="Book a room")
    expect(booked).to_have_attribute("data-state", "succeeded")
    booked.locator("summary").click()
    expect(booked).to_contain_text("Booked Blue.")
    expect(page.locator(".component table").first).to_contain_text("Zürich")
    page.get_by_role("button", name="Add them").click()
    expect(page.locator(".component-result")).to_contain_text("580000")
    axe_clean(page)
    page.get_by_role("button", name=re.compile("rtifacts")).first.click()
    with page.expect_download() as download:
        page.locator("#panel").get_by_role("link", name="Download cities.csv").click()
    assert download.value.path().read_text().startswith("City,People")
    page.goto("/tools/book")
    expect(page.locator("#panel")).to_contain_text("Succeeded")
    page.goto("/tools/show")
    expect(page.locator("#panel")).to_contain_text("in a chat")
