"""Starts processes, waits until they are ready, and reads what they use."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "DJANGO_SETTINGS_MODULE": "galaxy.settings"}


def free_port() -> int:
    """A port that no one listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def python(*arguments: str) -> list[str]:
    """A command line of this Python."""
    return [sys.executable, *arguments]


@contextlib.contextmanager
def running(
    command: list[str], *, environment: Mapping[str, str] = ENVIRONMENT, within: float = 10
) -> Iterator[psutil.Process]:
    """A process for as long as the block lasts, with all that it starts."""
    with subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=subprocess.PIPE) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(within)
            except subprocess.TimeoutExpired:
                process.kill()


def output(command: list[str], *, environment: Mapping[str, str] = ENVIRONMENT, within: float = 60) -> Any:
    """Run a command; gives what it prints, as JSON."""
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, timeout=within, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])  # LiteLLM prints on the way


def wait_for_port(port: int, within: float = 15) -> None:
    """Returns when someone listens there."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"Nobody listens on port {port} after {within:.0f} s.")


def status(port: int, path: str, cookie: str = "") -> int:
    """The status that a page answers with; 0 when it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        return connection.getresponse().status
    return 0


def lines(stream: IO[bytes]) -> Iterator[str]:
    """A process's lines as they come."""
    for line in stream:
        yield line.decode(errors="replace").rstrip()


class Parts:
    """The processes of a server by what they are."""

    def __init__(self, parts: Mapping[str, list[psutil.Process]]) -> None:
        self.parts = parts

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time that each part has used."""
        return {name: sum(_seconds(process) for process in processes) for name, processes in self.parts.items()}

    def memory(self) -> dict[str, float]:
        """Resident megabytes of each part."""
        return {name: sum(_megabytes(process) for process in processes) for name, processes in self.parts.items()}

    def whole(self) -> float:
        """Megabytes of all, with shared pages counted once."""
        return sum(_share(process) for processes in self.parts.values() for process in processes)


def foreign() -> float:
    """Seconds of processor time that others have used on this machine: all but this process and what it started."""
    own = psutil.Process()
    busy = psutil.cpu_times()
    mine = sum(_seconds(process) for process in [own, *own.children(recursive=True)])
    return float(busy.user + busy.system + busy.nice + busy.softirq + busy.irq + busy.steal) - mine


def _seconds(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _megabytes(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        return float(process.memory_info().rss) / 1e6
    return 0.0


def _share(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        return float(process.memory_full_info().pss) / 1e6
    return 0.0
