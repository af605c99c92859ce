"""A model that is down, on the page: named in the picker with the reason, refused at once, and back without a reload."""

import asyncio
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import PHONE
from tests.browser.steps import ask, axe_clean, until_done
from tests.conftest import FOLDER
from tests.ports import free_port
from tests.providers.server import StandIn
from tests.stack import Galaxy, Providers

PORT = free_port()
MODELS = """
llms:
  - {{name: "Well", provider: openai, model_name: gpt-4o-mini, base_url: "{url}/v1", api_key: "{key}"}}
  - {{name: "Absent", provider: llamacpp, model_name: stand-in-small, base_url: "http://127.0.0.1:%d/v1"}}
"""


class Server:
    """The server of the model “Absent”, in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = StandIn(port=PORT)

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(20)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(20)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def house(stand_in_process: Providers, server: Server) -> Iterator[Galaxy]:
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    house = Galaxy(folder, free_port(), stand_in_process, models=MODELS % PORT, MODEL_HEALTH="watch")
    house.start()
    yield house
    house.stop()


def test_a_model_that_goes_down_is_shown_so_can_be_chosen_and_comes_back_by_itself(
    house: Galaxy, open_context: Callable[..., BrowserContext], server: Server
) -> None:
    context = open_context(None, **PHONE, base_url=house.base_url)
    context.add_cookies([{"name": "galaxy_session", "value": house.owner_cookie(), "url": house.base_url}])
    page = context.new_page()
    page.goto("/")
    button, row = page.locator(".model-button"), page.locator(".model-picker .menu-item", has_text="Absent")
    button.click()
    row.click()
    ask(page, "Are you there? [[tokens=3]]")
    expect(until_done(page).locator(".message-actions")).to_contain_text("Absent")
    server.stop()
    ask(page, "And now? [[tokens=3]]")
    expect(row.locator(".badge")).to_have_text("Not reachable", timeout=30_000)  # a notice says so
    expect(button).to_have_attribute("aria-label", "Model: Absent (Not reachable)")
    button.click()
    expect(row.locator(".trouble")).to_have_text("llama.cpp cannot be reached.")
    expect(page.locator(".model-picker .menu-item", has_text="Well")).to_contain_text("128k tokens · images · tools")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    axe_clean(page)
    row.click()
    failed = until_done(page, 2)
    expect(failed.locator(".banner")).to_contain_text("cannot be reached")
    failed.get_by_role("button", name="Try again with Well").click()
    expect(until_done(page, 2).locator(".message-actions")).to_contain_text("Well")
    expect(button).to_have_attribute("aria-label", "Model: Well")
    server.start()
    expect(row.locator(".badge")).to_have_count(0, timeout=60_000)  # checked again meanwhile, and announced
