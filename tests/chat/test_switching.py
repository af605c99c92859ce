"""`manage.py switch_provider`: another default while Galaxy runs, for everyone who has chosen none."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from accounts.models import AuditEntry, User
from tests.chat.test_set_up_models import offered, set_up, until
from tests.client import Client
from tests.ports import free_port
from tests.stack import KEY, MANAGE, Galaxy, environment

FILE = "runtime_config.yaml"


@pytest.fixture
def file(galaxy: Galaxy) -> Iterator[Path]:
    """The file that the command writes, gone after the test: others share the installation."""
    path = galaxy.data_dir / FILE
    yield path
    path.unlink(missing_ok=True)


def refused(galaxy: Galaxy, *command: str) -> str:
    done = subprocess.run([*MANAGE, *command], env=galaxy.env, cwd="/", capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def shown(galaxy: Galaxy, **settings: str) -> str:
    """Output of `switch_provider --show` with other settings."""
    command = [*MANAGE, "switch_provider", "--show"]
    done = subprocess.run(command, env=galaxy.env | settings, cwd="/", capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


async def asked(client: Client, **question: str) -> dict[str, str]:
    """The run of a question, brought to its end."""
    async with client.rest() as rest:
        started: dict[str, str] = (await rest.post("/api/runs", json={"text": "[[tokens=2]]", **question})).json()
    await client.events(started["run_id"])
    return started


async def test_a_switch_is_in_force_at_once_for_everyone_who_has_chosen_none(
    galaxy: Galaxy, file: Path, alice_client: Client, charlie_client: Client
) -> None:
    assert (await offered(alice_client))[0] == (await asked(alice_client))["model"] == "Stand-in"
    assert "The default is Stand-in large (from: list, by runtime_config.yaml: Stand-in large)." in galaxy.manage(
        "switch_provider", "Stand-in large"
    )
    for client in (alice_client, charlie_client):
        assert (await offered(client))[:2] == ["Stand-in large", "Stand-in"]
        assert (await asked(client))["model"] == "Stand-in large"
    assert "The default is Stand-in (from: list)." in galaxy.manage("switch_provider", "--reset")
    assert (await offered(alice_client))[0] == (await asked(alice_client))["model"] == "Stand-in"


async def test_a_persons_own_choice_stays(galaxy: Galaxy, file: Path, alice_client: Client) -> None:
    chosen = await asked(alice_client, model="Stand-in")
    galaxy.manage("switch_provider", "stand-in LARGE")
    assert (await asked(alice_client, conversation_id=chosen["conversation_id"]))["model"] == "Stand-in"
    assert (await asked(alice_client, model="Stand-in"))["model"] == "Stand-in"
    assert (await asked(alice_client))["model"] == "Stand-in large"


@pytest.mark.parametrize("name", ["LM Studio", "lmstudio", "house ours"])
async def test_a_provider_is_named_by_its_kind_or_by_its_operators_name(
    galaxy: Galaxy, file: Path, alice: User, alice_client: Client, charlie_client: Client, name: str
) -> None:
    row = await sync_to_async(set_up)(galaxy, alice, model="Ours", kind="lm_studio")
    await until(alice_client, "Ours")
    said = await asyncio.to_thread(galaxy.manage, "switch_provider", name)
    try:
        assert f"For {alice.tenant} it is Ours (from: admin, by runtime_config.yaml: {name})." in said
        assert (await offered(alice_client))[0] == (await asked(alice_client))["model"] == "Ours"
        assert (await offered(charlie_client))[0] == (await asked(charlie_client))["model"] == "Stand-in"
    finally:
        await sync_to_async(row.provider.delete)()


async def test_a_file_edited_by_hand_counts_and_a_broken_one_is_ignored(
    galaxy: Galaxy, file: Path, alice_client: Client
) -> None:
    file.write_text("provider:\n  active: Stand-in large  # faster\nlater: {kept: true}\n")
    assert (await offered(alice_client))[0] == "Stand-in large"
    file.write_text("provider: [unfinished")
    assert (await offered(alice_client))[0] == "Stand-in"
    said = galaxy.manage("switch_provider", "--show")
    assert f"{file} cannot be read and is ignored: " in said
    assert "The default is Stand-in (from: list)." in said
    assert "cannot be changed. Correct or remove it: " in refused(galaxy, "switch_provider", "Stand-in large")
    assert file.read_text() == "provider: [unfinished"
    async with asyncio.timeout(20):
        while "runtime_config.yaml cannot be read and is ignored" not in galaxy.logged("web"):
            await asyncio.sleep(0.05)
    file.write_text("provider: {active: gone}")
    assert "names “gone”, which no model and no provider is called" in galaxy.manage("switch_provider", "--show")
    assert (await offered(alice_client))[0] == "Stand-in"


def test_other_contents_of_the_file_stay(galaxy: Galaxy, file: Path) -> None:
    file.write_text("provider: {active: gone, more: 1}\nlater: {kept: true}\n")
    galaxy.manage("switch_provider", "Stand-in large")
    assert "later:\n  kept: true\n" in file.read_text()
    assert "provider:\n  active: Stand-in large\n  more: 1\n" in file.read_text()


def test_every_model_is_shown_with_its_source(galaxy: Galaxy, file: Path, alice: User) -> None:
    row = set_up(galaxy, alice, model="Shown")
    try:
        said = shown(galaxy, LLM_MODEL_NAME="anthropic/claude-sonnet-4-5", LLM_API_KEY=KEY)
    finally:
        row.provider.delete()
    assert said.startswith("The default is anthropic/claude-sonnet-4-5 (from: environment).\n")
    lines = [line.split() for line in said.splitlines()]
    assert ["MODEL", "PROVIDER", "SOURCE"] in lines
    assert ["anthropic/claude-sonnet-4-5", "anthropic", "environment"] in lines
    assert ["Stand-in", "large", "openai", "list"] in lines
    assert f"Shown openai admin: House Shown, of {alice.tenant}".split() in lines
    assert KEY not in said


def test_an_unknown_name_is_refused_with_those_there_are(galaxy: Galaxy, file: Path) -> None:
    for name in ("no-such", "", " "):
        said = refused(galaxy, "switch_provider", name)
        assert f"No model and no provider is called “{name.strip()}”. Models: Stand-in, Stand-in large, " in said
        assert "Providers: openai" in said
    assert not file.exists()


def test_a_switch_is_in_the_audit(galaxy: Galaxy, file: Path) -> None:
    before = AuditEntry.objects.filter(action="model.default_switched", target="Stand-in large").count()
    galaxy.manage("switch_provider", "Stand-in large")
    assert AuditEntry.objects.filter(action="model.default_switched", target="Stand-in large").count() == before + 1


@pytest.mark.parametrize("command", ["switch_provider", "import_models"])
def test_a_folder_without_a_galaxy_is_left_empty(tmp_path: Path, command: str) -> None:
    settings = os.environ | environment(tmp_path / "none", free_port())
    done = subprocess.run([*MANAGE, command], env=settings, cwd="/", capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "Start Galaxy first" in done.stderr) == (1, True)
    assert not (tmp_path / "none").exists()
