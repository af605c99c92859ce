"""A page that is open notices by itself that a model appeared, or went; what is being written stays."""

import re
import secrets
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.steps import ask, until_done
from tests.stack import Galaxy


def test_an_open_page_notices_a_model_that_appears_and_one_that_goes(page: Page, galaxy: Galaxy) -> None:
    file = Path(galaxy.data_dir) / "llms.yml"
    listed, name = file.read_text(), f"New {secrets.token_hex(3)}"
    page.goto("/")
    expect(page.locator(".model-button")).to_have_text("Stand-in")
    page.get_by_role("textbox", name="Message").fill("Half a que")
    try:
        file.write_text(listed + f'  - {{name: "{name}", provider: openai, model_name: stand-in-small, '
                        f'base_url: "{galaxy.providers.url}/v1", api_key: "x"}}\n')  # fmt: skip
        row = page.locator(".model-picker .menu-item", has_text=name)
        expect(row).to_have_count(1, timeout=20_000)
        expect(page.get_by_role("textbox", name="Message")).to_have_value("Half a que")
        page.locator(".model-button").click()
        page.get_by_role("searchbox").fill(name)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(".model-button")).to_have_text(name)
        ask(page, "Now? [[tokens=3]]")
        expect(until_done(page).locator(".message-actions")).to_contain_text(name)
    finally:
        file.write_text(listed)
    expect(row).to_have_count(0, timeout=20_000)
    expect(page.locator(".model-button")).to_have_text(re.compile(r"^\s*Stand-in"))


def test_the_note_that_there_is_no_model_goes_when_there_is_one(page: Page) -> None:
    """Drawn without a model, as a fresh installation draws it; then the socket says that one appeared."""
    note = '<div class="banner" id="no-model"><strong>No language model is connected</strong></div>'
    drawn = re.compile(
        r'(<div class="inline-form" data-models-slot[^>]*>).*?(</div>\s*<button type="button" class="icon-button primary")',
        re.DOTALL,
    )

    def without_model(route: Route) -> None:
        answer = route.fetch()
        body = drawn.sub(r'\1<span class="push label">No model</span>\2', answer.text(), count=1)
        route.fulfill(response=answer, body=body.replace('id="model-note">', f'id="model-note">{note}', 1))

    page.route("**/", without_model, times=1)
    page.route_web_socket(re.compile("/ws/chat"), lambda socket: socket.send('{"status": "notice", "topic": "models"}'))
    page.goto("/")
    expect(page.locator(".model-button")).to_have_text("Stand-in")
    expect(page.locator("#no-model")).to_have_count(0)
