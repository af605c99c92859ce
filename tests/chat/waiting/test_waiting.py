"""A run that waits for a person: held by no one, through deploys and kills, until a decision from any device ends the wait."""

import asyncio
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from galaxy.services.postgres import NAME
from tests.browser.conftest import ARGUMENTS, PHONE
from tests.chat.waiting.toolbox import DONE
from tests.client import Client, Socket, bare, numbers, text_of
from tests.conftest import FOLDER
from tests.ports import free_port
from tests.stack import CLAUDE, MODELS, Galaxy, Providers

pytestmark = [pytest.mark.timeout(300)]

ASK = '[[tool=clean arguments={\\"room\\":\\"bath\\"} text=Cleaned.]]'

# Whether the two legs of a run, to its wait and from there, are in the ledger with all that it took.
ENTERED = """
from accounts.models import Usage
from chat import events
from chat.models import Run
from chat.runs import usage
run = Run.objects.get(pk="{}")
legs = Usage.objects.filter(pk__in=[run.pk, usage.leg_of(run, events.Usage()).id])
took = run.usage["prompt_tokens"] + run.usage["completion_tokens"]
print(sorted(leg.tokens > 0 for leg in legs) == [True, True] and sum(leg.tokens for leg in legs) == took)
"""


@pytest.fixture(scope="module")
def waiting_galaxy(stand_in_process: Providers) -> Iterator[Galaxy]:
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.chat.waiting.settings",
        "PARALLEL_ANSWERS": "1",
        "FIRST_TOKEN_SECONDS": "60",
        "WORDLESS_SECONDS": "60",
    }
    data_dir = Path(tempfile.mkdtemp(dir=FOLDER))
    installation = Galaxy(data_dir, free_port(), stand_in_process, models=MODELS + CLAUDE, **settings)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def owner(waiting_galaxy: Galaxy) -> Client:
    return Client(waiting_galaxy.base_url, waiting_galaxy.owner_cookie())


async def until_asked(socket: Socket, run_id: str) -> list[dict[str, Any]]:
    """The run's frames up to the question about a call."""
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["status"] != "approval":
        frame = await socket.receive()
        assert frame["status"] not in ("error", "complete"), frame.get("error")
        if frame.get("run_id") == run_id and "seq" in frame:
            frames.append(frame)
    return frames


async def state_of(client: Client, run_id: str) -> str:
    async with client.rest() as rest:
        return str((await rest.get(f"/api/runs/{run_id}")).json()["status"])


async def decide(client: Client, call: str, decision: str = "once") -> None:
    async with client.socket() as socket:
        await socket.send("approve", {"call_id": call, "decision": decision})
        await socket.send("ping", {})
        while (frame := await socket.receive())["status"] != "pong":
            assert frame["status"] == "notice", frame


def effects(galaxy: Galaxy, call: str) -> int:
    done = galaxy.data_dir / DONE
    return done.read_text().split().count(call) if done.exists() else 0


@pytest.mark.parametrize("model", ["Stand-in", "Stand-in Claude"])
async def test_a_decision_from_another_device_ends_the_wait(waiting_galaxy: Galaxy, owner: Client, model: str) -> None:
    async with owner.socket() as socket:
        accepted = await socket.ask(f"Do it. {ASK}", model=model)
        frames = await until_asked(socket, accepted["run_id"])
        asked = frames[-1]
        assert (asked["tool"], asked["arguments"], asked["reason"]) == ("clean", {"room": "bath"}, "It changes something.")
        assert await state_of(owner, accepted["run_id"]) == "waiting"
        await decide(owner, asked["call_id"])
        frames += await socket.until_end(accepted["run_id"])
    assert numbers([accepted, *frames]) == list(range(1, len(frames) + 2))
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Cleaned.")
    assert frames[-1]["usage"]["prompt_tokens"] >= 24  # both steps
    assert effects(waiting_galaxy, asked["call_id"]) == 1
    async with owner.rest() as rest:
        messages = (await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")).json()["results"]
    kinds = [part["type"] for part in messages[-1]["parts"]]
    assert kinds == ["tool_call", "tool_result", "text"]
    assert messages[-1]["text"] == "Cleaned."


async def test_a_waiting_run_takes_no_place_and_its_chat_says_what_to_do(owner: Client) -> None:
    async with owner.socket() as socket:
        waiting = await socket.ask(f"Do it. {ASK}")
        asked = (await until_asked(socket, waiting["run_id"]))[-1]
        other = await socket.ask("Meanwhile. [[tokens=3]]")
        assert (await socket.until_end(other["run_id"]))[-1]["status"] == "complete"
        refused = await socket.send("chat", {"text": "Well?", "conversation_id": waiting["conversation_id"]})
        while (frame := await socket.receive())["request_id"] != refused:
            pass
        assert "is waiting for your decision" in frame["error"]["message"]
        await socket.send("approve", {"call_id": asked["call_id"], "decision": "deny"})
        assert (await socket.until_end(waiting["run_id"]))[-1]["status"] == "complete"


async def test_a_wait_survives_a_deploy_and_killed_runners_and_is_done_once(waiting_galaxy: Galaxy, owner: Client) -> None:
    async with owner.socket() as socket:
        accepted = await socket.ask("Think. [[reasoning=4 tool=clean text=Cleaned.]]", model="Stand-in Claude")
        before = [accepted, *await until_asked(socket, accepted["run_id"])]
        asked = before[-1]
    waiting_galaxy.kill("runner")
    await waiting_galaxy.until_ready("runner")
    waiting_galaxy.stop(signal.SIGTERM, within=40)
    waiting_galaxy.start()
    client = Client(waiting_galaxy.base_url, waiting_galaxy.owner_cookie())
    assert await state_of(client, accepted["run_id"]) == "waiting"
    await asyncio.gather(*(decide_quietly(client, asked["call_id"]) for _ in range(4)))
    frames = await client.insist(accepted["run_id"], seconds=60)
    assert bare(frames[: len(before)]) == bare(before)
    assert numbers(frames) == list(range(1, len(frames) + 1))
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Cleaned."), frames[-1]
    assert effects(waiting_galaxy, asked["call_id"]) == 1
    assert waiting_galaxy.manage("shell", "-v", "0", "-c", ENTERED.format(accepted["run_id"])).split() == ["True"]


async def decide_quietly(client: Client, call: str) -> None:
    """Decide; of several at once all but one come too late."""
    async with client.socket() as socket:
        await socket.send("approve", {"call_id": call, "decision": "once"})
        await socket.send("ping", {})
        while (frame := await socket.receive())["status"] != "pong":
            assert frame["status"] == "notice" or frame["error"]["code"] == "not_found"


async def test_a_waiting_run_can_be_stopped(waiting_galaxy: Galaxy) -> None:
    client = Client(waiting_galaxy.base_url, waiting_galaxy.owner_cookie())
    async with client.socket() as socket:
        accepted = await socket.ask(f"Do it. {ASK}")
        asked = (await until_asked(socket, accepted["run_id"]))[-1]
        await socket.send("stop", {"run_id": accepted["run_id"]})
        end = (await socket.until_end(accepted["run_id"]))[-1]
        assert (end["status"], end["finish_reason"]) == ("complete", "stopped")
        await socket.send("approve", {"call_id": asked["call_id"], "decision": "once"})
        while (frame := await socket.receive())["status"] != "error":
            pass
        assert frame["error"]["code"] == "not_found"
    assert effects(waiting_galaxy, asked["call_id"]) == 0


async def test_the_page_asks_for_the_decision_and_another_device_gives_it(waiting_galaxy: Galaxy) -> None:
    cookie = waiting_galaxy.owner_cookie()
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        desk, phone = [await device(browser, waiting_galaxy, cookie, complaints, **how) for how in ({}, PHONE)]
        await desk.goto("/")
        await desk.get_by_role("textbox", name="Message").fill(f"Do it. {ASK}")
        await desk.keyboard.press("Enter")
        card = desk.get_by_role("region", name="Your decision is needed")
        await expect(card).to_contain_text("clean")
        await expect(card).to_contain_text("It changes something.")
        await phone.goto(desk.url)
        await phone.get_by_role("button", name="Allow once").click()
        for page in (desk, phone):
            await expect(page.locator("article.answer .prose").last).to_contain_text("Cleaned.")
            await expect(page.get_by_role("region", name="Your decision is needed")).to_have_count(0)
        await browser.close()
    assert complaints == []


async def device(browser: Browser, galaxy: Galaxy, cookie: str, complaints: list[str], **how: Any) -> Page:
    context = await browser.new_context(**{"base_url": galaxy.base_url, "viewport": {"width": 1440, "height": 900}} | how)
    context.set_default_timeout(20_000)
    await context.add_cookies([{"name": "galaxy_session", "value": cookie, "url": galaxy.base_url}])
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return await context.new_page()


async def test_a_stop_while_the_run_begins_to_wait_is_not_lost(waiting_galaxy: Galaxy, owner: Client) -> None:
    password = (waiting_galaxy.data_dir / "secrets" / "database_password").read_text().strip()
    folder = str(waiting_galaxy.data_dir / "run" / "postgres")
    held = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    async with owner.socket() as socket, owner.rest() as rest:
        accepted = await socket.ask(f"Do it. {ASK.replace('tool=', 'delay=2 tool=')}")
        with psycopg.connect(host=folder, user=NAME, dbname=NAME, password=password) as connection:
            where = [accepted["conversation_id"]]
            connection.execute("SELECT id FROM chat_conversation WHERE id = %s FOR UPDATE", where)
            async with asyncio.timeout(30):
                while connection.execute(held).fetchone() == (0,):
                    await asyncio.sleep(0.05)
            await rest.post(f"/api/runs/{accepted['run_id']}/stop")
        end = (await socket.until_end(accepted["run_id"]))[-1]
        assert (end["status"], end["finish_reason"]) == ("complete", "stopped")
