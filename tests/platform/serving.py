"""Further web processes of the running installation, on either server."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.ports import free_port
from tests.stack import MANAGE, Galaxy

SERVERS = ["uvicorn", "daphne"]
UPGRADE = (
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@contextmanager
def served(
    galaxy: Galaxy, server: str, *, open_files: int = 0, stderr: int = subprocess.DEVNULL, **settings: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A further web process of the running installation, on a port of its own."""
    port = free_port()
    command = [*MANAGE, "serve", "--server", server, "--grace", "2"]
    if open_files:
        command = ["prlimit", f"--nofile={open_files}:{open_files}", *command]
    environment = galaxy.env | settings | {"PORT": str(port)}
    with subprocess.Popen(command, env=environment, stderr=stderr) as process:
        try:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                try:
                    httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).raise_for_status()
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()
