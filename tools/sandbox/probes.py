"""Probes of the walls, run as a program in the sandbox: each tries something that must fail, and says if it did not.

The last ones must succeed: walls that let nothing through would pass the others.
"""

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

given = json.loads(Path("given.json").read_text())
libc = ctypes.CDLL(None, use_errno=True)


def fork() -> object:
    """Start a process."""
    if os.fork() == 0:
        os._exit(0)
    return True


def connect() -> object:
    """Reach a service of this machine."""
    return socket.create_connection(("127.0.0.1", given["port"]), timeout=1)


def connect_by_number() -> object:
    """Make a socket without Python's help."""
    return libc.socket(2, 1, 0) >= 0


def read_parent() -> object:
    """Read Galaxy's environment, which holds its secrets."""
    return Path(f"/proc/{given['parent']}/environ").read_bytes()


def signal_parent() -> object:
    """Ask whether Galaxy may be sent a signal."""
    os.kill(given["parent"], 0)
    return True


MUST_FAIL: dict[str, Callable[[], object]] = {
    "read a file of this machine": lambda: Path(given["canary"]).read_text(),
    "write a file of this machine": lambda: Path(given["canary"]).write_text("changed"),
    "list this machine's files": lambda: list(Path(given["folder"]).iterdir()),
    "read another process": read_parent,
    "connect to this machine": connect,
    "open a socket": connect_by_number,
    "start a process": fork,
    "start a program": lambda: os.execv(sys.executable, ["python"]),  # noqa: S606
    "signal another process": signal_parent,
    "be root": lambda: 0 in os.getresuid(),
    "become root": lambda: libc.setuid(0) == 0,
    "raise a limit": lambda: __import__("resource").setrlimit(0, (-1, -1)) or True,
    "see the environment": lambda: {"DATABASE_URL", "SECRET_KEY", "USER"} & set(os.environ),
}


def succeeds(attempt: Callable[[], object]) -> bool:
    """Try it."""
    try:
        return bool(attempt())
    except (OSError, ValueError):
        return False


broken = [name for name, attempt in MUST_FAIL.items() if succeeds(attempt)]
Path("own.txt").write_text("own")
works = Path("own.txt").read_text() == "own" and sum(range(10)) == 45  # noqa: PLR2004
print(json.dumps({"broken": broken, "works": works}))  # noqa: T201  that is how a program answers
