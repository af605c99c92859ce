"""New keys for the vault of a running Galaxy, and what `doctor` and `vault check` say where keys are lost."""

import asyncio
import subprocess
from pathlib import Path

import httpx
import pytest

from accounts.vault import keys as vault_keys
from tests.client import Client
from tests.stack import MANAGE, Galaxy


def keys(galaxy: Galaxy) -> list[str]:
    return key_file(galaxy).read_text().split()


def key_file(galaxy: Galaxy) -> Path:
    return galaxy.data_dir / "secrets" / "vault.keys"


def run(galaxy: Galaxy, *command: str, **settings: str) -> tuple[int, str]:
    done = subprocess.run(
        [*MANAGE, *command], env=galaxy.env | settings, cwd="/", capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


async def keep(rest: httpx.AsyncClient, *names: str) -> None:
    for name in names:
        assert (await rest.put(f"/api/secrets/{name}", json={"value": f"the value of {name}"})).status_code == 200


@pytest.fixture(scope="module")
def kept(own_client: Client) -> None:
    """More than one portion of a rotation."""
    with httpx.Client(base_url=own_client.base_url, headers=own_client.headers, timeout=20) as rest:
        for number in range(120):
            rest.put(f"/api/secrets/key-{number}", json={"value": f"the value of key {number}"}).raise_for_status()


@pytest.mark.usefixtures("kept")
async def test_everything_is_sealed_anew_while_people_go_on(own_galaxy: Galaxy, own_client: Client) -> None:
    (old,) = keys(own_galaxy)
    async with own_client.rest() as rest:
        rotation = asyncio.create_task(asyncio.to_thread(own_galaxy.manage, "vault", "rotate", "--prune"))
        number = 0
        while not rotation.done():
            await keep(rest, f"meanwhile-{number}")
            number += 1
    assert "Removed: the key" in await rotation
    (new,) = keys(own_galaxy)
    assert new != old
    assert key_file(own_galaxy).stat().st_mode & 0o777 == 0o600
    assert number
    assert own_galaxy.manage("vault", "check").strip() == "Every secret can be decrypted."


@pytest.mark.usefixtures("kept")
async def test_a_rotation_that_was_killed_goes_on_with_the_same_key(own_galaxy: Galaxy) -> None:
    before = keys(own_galaxy)
    for _ in range(3):
        with subprocess.Popen([*MANAGE, "vault", "rotate"], env=own_galaxy.env, cwd="/", stdout=subprocess.DEVNULL) as rotation:
            while len(keys(own_galaxy)) == len(before) and rotation.poll() is None:
                await asyncio.sleep(0.005)
            rotation.kill()
        assert own_galaxy.manage("vault", "check").strip() == "Every secret can be decrypted."
    assert "vault.keys" not in run(own_galaxy, "doctor")[1]  # two keys in it are not a fault
    own_galaxy.manage("vault", "rotate", "--prune")
    assert len(keys(own_galaxy)) == 1
    assert own_galaxy.manage("vault", "check").strip() == "Every secret can be decrypted."


@pytest.mark.usefixtures("kept")
async def test_lost_keys_are_told_and_nothing_is_made_over_them(own_galaxy: Galaxy, own_client: Client) -> None:
    file, aside = key_file(own_galaxy), own_galaxy.data_dir / "aside"
    key_id = vault_keys.parse(file.read_text())[0].id.hex()
    file.rename(aside)
    try:
        for command in (["vault", "check"], ["vault", "rotate"], ["check", "--database", "default"], ["doctor"]):
            code, said = run(own_galaxy, *command)
            assert code == 1, command
            assert key_id in said, command
            assert str(file) in said
        async with own_client.rest() as rest:
            refused = await rest.put("/api/secrets/another", json={"value": "a value"})
        assert refused.status_code == 503
        assert str(file) not in refused.text
        assert not file.exists()
    finally:
        aside.rename(file)
    assert run(own_galaxy, "vault", "check")[0] == 0
    assert "cannot be opened" not in run(own_galaxy, "doctor")[1]


@pytest.mark.usefixtures("kept")
def test_a_key_file_that_others_can_read_is_told(own_galaxy: Galaxy) -> None:
    key_file(own_galaxy).chmod(0o644)
    try:
        for command in (["vault", "check"], ["check", "--database", "default"], ["doctor"]):
            code, said = run(own_galaxy, *command)
            assert code == 1
            assert f"chmod 600 {key_file(own_galaxy)}" in said
    finally:
        key_file(own_galaxy).chmod(0o600)


@pytest.mark.usefixtures("kept")
def test_keys_of_the_environment_rotate_as_people_say(own_galaxy: Galaxy) -> None:
    (old,) = keys(own_galaxy)
    new = own_galaxy.manage("vault", "key").strip()
    code, said = run(own_galaxy, "vault", "rotate", "--prune", VAULT_KEYS=f"{new},{old}")
    assert code == 0
    assert "Remove from VAULT_KEYS: the key" in said
    assert run(own_galaxy, "vault", "check", VAULT_KEYS=new)[0] == 0
    assert run(own_galaxy, "vault", "check")[0] == 1
    assert run(own_galaxy, "vault", "rotate", "--prune", VAULT_KEYS=f"{old},{new}")[0] == 0
    assert keys(own_galaxy) == [old]
    code, said = run(own_galaxy, "vault", "check", VAULT_KEYS="planted-nonsense")
    assert code != 0
    assert "planted" not in said
    assert "VAULT_KEYS is not valid." in said


@pytest.mark.usefixtures("kept")
async def test_secrets_whose_key_is_gone_for_good_are_deleted_by_request_alone(own_galaxy: Galaxy, own_client: Client) -> None:
    vault_keys.write(key_file(own_galaxy), (vault_keys.new(),))
    async with own_client.rest() as rest:
        await keep(rest, "fresh")
        assert run(own_galaxy, "vault", "forget-lost")[0] == 1
        assert len((await rest.get("/api/secrets")).json()) > 100
        assert run(own_galaxy, "vault", "forget-lost", "--yes")[0] == 0
        assert [secret["name"] for secret in (await rest.get("/api/secrets")).json()] == ["fresh"]
