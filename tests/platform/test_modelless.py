"""An installation without any model: it says so, says how to add one, and counts nothing."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.client import Client, text_of
from tests.ports import free_port
from tests.stack import KEY, MANAGE, MODELS, Galaxy, Providers


@pytest.fixture(scope="module")
def bare(stand_in_process: Providers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Galaxy]:
    """It looks for none either (`FIND_MODELS=false`)."""
    installation = Galaxy(tmp_path_factory.mktemp("bare"), free_port(), stand_in_process, models="llms: []")
    installation.start()
    yield installation
    installation.stop()


def doctor(installation: Galaxy, **settings: str) -> subprocess.CompletedProcess[str]:
    env = installation.env | settings
    return subprocess.run([*MANAGE, "doctor"], env=env, capture_output=True, text=True, check=False, timeout=60)


def test_the_page_does_not_promise_to_find_one(bare: Galaxy) -> None:
    page = httpx.get(bare.base_url, cookies={"galaxy_session": bare.owner_cookie()}).text
    assert "No language model is connected" in page
    assert "Galaxy does not look for models here: <code>FIND_MODELS=false</code> is set." in page
    assert "Ollama" not in page


def test_the_doctor_gives_a_hint_and_no_failure(bare: Galaxy, tmp_path: Path) -> None:
    for data_dir in (bare.data_dir, tmp_path):  # one that runs, and one that does not
        well = doctor(bare, DATA_DIR=str(data_dir), PORT=str(free_port()))
        assert well.returncode == 0, well.stdout
        assert "hint   No language model is set up." in well.stdout
        assert "To add one: list models in platform/config/llms.yml, or set LLM_BASE_URL" in well.stdout
    assert "No language model" not in doctor(bare, DATA_DIR=str(tmp_path), LLM_MODEL_NAME="m", PORT=str(free_port())).stdout


async def test_what_galaxy_answers_itself_is_in_no_count(bare: Galaxy) -> None:
    client = Client(bare.base_url, bare.owner_cookie())
    async with client.rest() as rest:
        run_id = (await rest.post("/api/runs", json={"text": "hello"})).json()["run_id"]
        await client.events(run_id)
        told = (await rest.get("/admin/accounts/usage/")).text
        runs = (await rest.get("/admin/chat/run/")).text
    assert "No model yet" in runs
    assert "A line appears here when an answer ends." in told


async def test_what_began_without_a_model_is_answered_by_none_that_comes_meanwhile(bare: Galaxy) -> None:
    client, file = Client(bare.base_url, bare.owner_cookie()), bare.data_dir / "llms.yml"
    bare.kill("runner", signal.SIGSTOP)
    async with client.rest() as rest:
        queued = (await rest.post("/api/runs", json={"text": "hello"})).json()["run_id"]
        stopped = (await rest.post("/api/runs", json={"text": "hello"})).json()["run_id"]
        await rest.post(f"/api/runs/{stopped}/stop")
        file.write_text(MODELS.format(url=bare.providers.url, key=KEY, closed=free_port()))
        await asyncio.sleep(2)  # it is looked at once a second
        bare.kill("runner", signal.SIGCONT)
        assert "No language model is set up yet" in text_of(await client.events(queued))
        further = (await rest.post(f"/api/runs/{stopped}/continue")).json()["run_id"]
        assert (await rest.get(f"/api/runs/{further}")).json()["model"] == "Stand-in"  # which was asked for, and is counted
