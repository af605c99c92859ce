"""`manage.py up` as people use it: starting, stopping, being killed, and what it says."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from redis.asyncio import Redis

from galaxy.configuration.local_secrets import read
from galaxy.configuration.paths import Places
from galaxy.services.supervision.lock import birth
from tests.client import BUTTON
from tests.ports import free_port
from tests.stack import LINK, MANAGE, Galaxy, Providers

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, stand_in_process: Providers) -> Iterator[Galaxy]:
    """An installation that these tests start, stop and kill, in the order in which they stand."""
    installation = Galaxy(tmp_path_factory.mktemp("up"), free_port(), stand_in_process)
    installation.from_nothing = True
    installation.start()
    yield installation
    installation.stop()


def family(installation: Galaxy) -> list[psutil.Process]:
    """Every process of it, with those that its parts started."""
    assert installation.process
    supervisor = psutil.Process(installation.process.pid)
    return [supervisor, *supervisor.children(recursive=True)]


def left_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def assert_nothing_is_left(installation: Galaxy, processes: list[psutil.Process], *, sockets: bool = True) -> None:
    psutil.wait_procs(processes, timeout=3)
    assert left_of(processes) == []
    socket.create_server(("127.0.0.1", installation.port)).close()
    if sockets:
        assert list((installation.data_dir / "run").rglob("*.sock")) == []
        assert list((installation.data_dir / "run").rglob(".s.PGSQL*")) == []


def run(installation: Galaxy, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = installation.env | settings
    return subprocess.run([*MANAGE, *command], env=env, cwd="/", capture_output=True, text=True, check=False, timeout=60)


def test_the_console_shows_one_link_that_signs_the_owner_in_once(house: Galaxy) -> None:
    links = LINK.findall(house.said())
    assert len(links) == 1
    assert httpx.post(links[0], **BUTTON).status_code == 302
    logs = "".join(path.read_text(errors="replace") for path in (house.data_dir / "logs").iterdir())
    assert links[0].rpartition("/")[2] not in logs
    assert httpx.post(links[0], **BUTTON).status_code == 403


def test_every_part_is_ready(house: Galaxy) -> None:
    answer = httpx.get(f"{house.base_url}/readyz").json()
    needed = set(answer["parts"]) - {"models", "embedder"}
    assert needed == {"database", "redis", "runner", "worker", "mqtt", "audit"}
    assert {answer["parts"][part]["status"] for part in needed} == {"up"}
    assert "embedder" in answer["parts"]
    assert httpx.get(f"{house.base_url}/healthz").json() == {"status": "up"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_can_be_asked_and_nothing_else(house: Galaxy, path: str) -> None:
    assert httpx.head(house.base_url + path).status_code == httpx.codes.OK
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert httpx.request(method, house.base_url + path).status_code == httpx.codes.METHOD_NOT_ALLOWED


async def test_health_costs_the_same_however_many_keys_there_are(house: Galaxy) -> None:
    places = Places(house.data_dir)
    redis = Redis(unix_socket_path=str(places.valkey_socket), password=read(places.secrets / "redis_password"))
    async with redis, httpx.AsyncClient(base_url=house.base_url) as client:
        await redis.config_resetstat()
        assert (await client.get("/readyz")).status_code == httpx.codes.OK
        assert "cmdstat_scan" not in await redis.info("commandstats")


def test_secrets_are_private_and_in_no_process_list(house: Galaxy) -> None:
    folder = house.data_dir / "secrets"
    secrets = [path.read_text() for path in folder.iterdir()]
    assert [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077] == []
    shown = "\n".join(" ".join(process.cmdline()) for process in family(house))
    assert [secret for secret in secrets if secret in shown] == []


def test_postgresql_never_runs_as_root(house: Galaxy) -> None:
    (pid,) = house.pids("postgres")
    assert psutil.Process(pid).uids().effective != 0


def test_a_second_start_is_refused_with_the_first_ones_process(house: Galaxy) -> None:
    assert house.process
    second = run(house, "up", PORT=str(free_port()))
    assert second.returncode != 0
    assert f"process {house.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_is_said_with_what_to_do(house: Galaxy, tmp_path: Path) -> None:
    taken = run(house, "up", DATA_DIR=str(tmp_path))
    assert taken.returncode != 0
    assert f"Port {house.port} is in use" in taken.stderr
    assert f"PORT={house.port + 1} make run" in taken.stderr


def test_test_mode_is_refused_where_others_can_reach_the_portal(house: Galaxy, tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "TEST_MODE": "true", "ALLOWED_HOSTS": "galaxy.example.org"}
    refused = run(house, "up", **settings)
    assert refused.returncode == 1
    assert "TEST_MODE signs everyone in without a password" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_doctor_finds_a_running_galaxy_well(house: Galaxy) -> None:
    for port in (house.port, free_port()):  # it may have been started as `PORT=8001 make run`
        well = run(house, "doctor", PORT=str(port))
        assert well.returncode == 0, well.stdout
        assert f"Galaxy runs at {house.base_url} (process " in well.stdout


def test_a_link_leads_to_the_galaxy_that_runs_whatever_port_the_settings_have(house: Galaxy) -> None:
    link = run(house, "sign_in_link", PORT=str(free_port())).stdout.strip()
    assert link.startswith(f"{house.base_url}/sign-in/link/")
    assert httpx.post(link, **BUTTON).headers["location"] == "/"


def test_all_processes_together_stay_small(house: Galaxy) -> None:
    # Shared memory counts once: each connection's process of PostgreSQL maps the same 16 MB.
    proportional = sum(process.memory_full_info().pss for process in family(house)) / 2**20
    assert proportional < 450


@pytest.mark.parametrize("part", ["web", "runner", "worker", "redis", "mqtt", "postgres"])
async def test_a_part_that_is_killed_comes_back(house: Galaxy, part: str) -> None:
    house.kill(part)
    await house.until_ready(part, within=20)
    async with asyncio.timeout(30), httpx.AsyncClient(timeout=5) as client:
        while (await client.get(f"{house.base_url}/readyz")).status_code != httpx.codes.OK:
            await asyncio.sleep(0.2)
    assert "was ended by SIGKILL. Restarting it" in house.said()


@contextmanager
def dead_and_unwaited_for(uid: int) -> Iterator[int]:
    """The pid of a process called postgres that has ended, which the kernel keeps until its parent looks."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        program = Path(folder) / "postgres"
        program.symlink_to(shutil.which("true") or "/bin/true")
        with subprocess.Popen([program], user=uid if os.geteuid() == 0 else None) as dead:
            os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
            yield dead.pid


async def test_postgresql_comes_back_past_the_lock_of_a_dead_one(house: Galaxy) -> None:
    (pid,) = house.pids("postgres")
    lock = house.data_dir / "postgres" / "postmaster.pid"
    with dead_and_unwaited_for(psutil.Process(pid).uids().effective) as dead:
        lock.write_text(lock.read_text().replace(str(pid), str(dead), 1))
        house.kill("postgres")
        await house.until_ready("postgres", within=20)


async def test_parts_that_hang_are_noticed_and_come_back(house: Galaxy) -> None:
    parts = ("web", "runner", "worker", "redis", "postgres")
    for part in parts:
        house.kill(part, signal.SIGSTOP)
    for part in parts:
        await house.until_ready(part, within=40)
        assert f"{next(iter(house.parts(part)))} no longer answers. Restarting it" in house.said()
    async with asyncio.timeout(30), httpx.AsyncClient(timeout=5) as client:
        while (await client.get(f"{house.base_url}/readyz")).status_code != httpx.codes.OK:
            await asyncio.sleep(0.2)


async def test_the_port_answers_while_no_web_process_lives(house: Galaxy) -> None:
    house.kill("web")
    async with httpx.AsyncClient(timeout=20) as client:
        assert (await client.get(f"{house.base_url}/healthz")).status_code == httpx.codes.OK


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_recovers(house: Galaxy) -> None:
    assert house.process
    processes = family(house)
    house.process.kill()
    house.process.wait()
    assert_nothing_is_left(house, processes, sockets=False)
    house.start()
    assert httpx.get(f"{house.base_url}/readyz").status_code == 200


def test_it_stops_in_time_and_leaves_nothing(house: Galaxy) -> None:
    processes = family(house)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", house.port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\n")  # a client that never finishes its request
        assert house.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 15
    assert_nothing_is_left(house, processes)


def test_a_second_signal_hurries(house: Galaxy) -> None:
    house.start()
    processes = family(house)
    for pid in house.pids("runner"):
        os.kill(pid, signal.SIGSTOP)  # it will not answer the first signal
    assert house.process
    house.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    began = time.monotonic()
    assert house.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 5
    assert "Stopping at once." in house.said()
    assert_nothing_is_left(house, processes)
    assert run(house, "stop").stdout.strip() == "Galaxy does not run."


def test_a_process_that_is_gone_has_no_birth() -> None:
    assert birth(os.getpid()) > 0
    assert birth(2**22 - 1) == 0
