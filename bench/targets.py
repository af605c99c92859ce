"""The measured servers: A, and a whole Galaxy as `manage.py up` starts it, in a folder of its own."""

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import machine
from bench.machine import ENVIRONMENT, Parts, python

PERSONS = 40
START_SECONDS = 90
MANAGE = str(machine.ROOT / "manage.py")


@dataclass
class Target:
    """A server under test."""

    name: str
    port: int
    parts: Parts
    cookies: Path | None = None
    environment: dict[str, str] | None = None
    started_in: float = 0.0

    def client(self, *arguments: str) -> list[str]:
        """The command line of the people for it."""
        cookies = ["--cookies", str(self.cookies)] if self.cookies else []
        return python("-m", "bench.client", "--port", str(self.port), *cookies, *arguments)


@contextlib.contextmanager
def upstream() -> Iterator[int]:
    """The model; its port."""
    port = machine.free_port()
    with machine.running(python("-m", "bench.upstream", str(port))):
        machine.wait_for_port(port)
        yield port


@contextlib.contextmanager
def relay(upstream_port: int) -> Iterator[Target]:
    """A."""
    port = machine.free_port()
    with machine.running(python("-m", "bench.relay_asgi", str(port), str(upstream_port))) as process:
        machine.wait_for_port(port)
        yield Target("A", port, Parts({"relay": [process]}))


@contextlib.contextmanager
def galaxy(upstream_port: int, **settings: str) -> Iterator[Target]:
    """Run Galaxy with all its processes, and these further settings."""
    folder = Path(tempfile.mkdtemp(prefix="gxb-"))
    folder.chmod(0o755)
    port = machine.free_port()
    environment = {
        **ENVIRONMENT,
        "DATA_DIR": str(folder / "var"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LLM_BASE_URL": f"http://127.0.0.1:{upstream_port}/v1",
        "LLM_API_KEY": "bench",
        "LLM_MODEL_NAME": "bench",
        "FIND_MODELS": "false",
        "PARALLEL_ANSWERS": "1000",  # few persons stand for many
        "OPEN_SOCKETS": "10000",
        "FOLLOWED_ANSWERS": "10000",
        "ANSWER_TOKENS": "1000000",  # a flood has 3 MB
        "LOG_LEVEL": "WARNING",
        "TITLE_MODEL": "none",
        **settings,
    }
    began = time.monotonic()
    with machine.running(python(MANAGE, "up"), environment=environment, within=25) as process:
        try:
            _wait_until_ready(port)
            took = time.monotonic() - began
            cookies = folder / "cookies.json"
            made = machine.output(python("-m", "bench.people", str(PERSONS)), environment=environment)
            cookies.write_text(json.dumps(made))
            yield Target("Galaxy", port, parts_of(process), cookies, environment, took)
        finally:
            process.terminate()
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(20)
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def daphne(target: Target) -> Iterator[Target]:
    """Another web process of the same Galaxy, served by daphne."""
    port = machine.free_port()
    environment = {**(target.environment or {}), "PORT": str(port)}
    with machine.running(python(MANAGE, "serve", "--server", "daphne"), environment=environment) as process:
        machine.wait_for_port(port, 30)
        yield Target("daphne", port, Parts({"web": [process]}), target.cookies, environment)


def _wait_until_ready(port: int) -> None:
    machine.wait_for_port(port, START_SECONDS)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        ready = machine.status(port, "/readyz")
        if ready == 200:
            return
        time.sleep(0.2)
    raise SystemExit("Galaxy is not ready.")


def parts_of(up: psutil.Process) -> Parts:
    """Galaxy's processes by what their command lines say."""
    parts: dict[str, list[psutil.Process]] = {name: [] for name in ("web", "runner", "valkey", "postgres", "worker", "other")}
    parts["other"].append(up)
    for process in up.children(recursive=True):
        parts[_kind(process)].append(process)
    return Parts(parts)


def _kind(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        line = " ".join(process.cmdline())
        marks = {"web": " serve", "runner": " runner", "worker": " worker", "valkey": "valkey", "postgres": "postgres"}
        for name, mark in marks.items():
            if mark in line:
                return name
    return "other"
