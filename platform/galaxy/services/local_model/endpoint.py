"""Address and key of the local model in a file: its server reads it, and so does each process that asks the model."""

import secrets
import socket
from pathlib import Path

import msgspec

from galaxy.configuration import local_secrets
from galaxy.configuration.paths import Places
from galaxy.services.local_model.weights import Weights

HOST = "127.0.0.1"

_reserved: list[socket.socket] = []  # for as long as this process lives


class Endpoint(msgspec.Struct, frozen=True):
    """A running local model. `key` is asked of every client; the file is readable by Galaxy's own user alone."""

    port: int
    key: str
    name: str
    file: str
    sha256: str
    context: int
    is_demonstration: bool

    @property
    def url(self) -> str:
        """Root of its OpenAI-compatible API."""
        return f"http://{HOST}:{self.port}/v1"

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r}, {self.port})"  # never the key


def publish(places: Places, weights: Weights, context: int) -> Endpoint:
    """Choose a free port and a new key, and write both down for this start."""
    endpoint = Endpoint(
        port=_reserve(),
        key=secrets.token_urlsafe(32),
        name=weights.name,
        file=str(weights.file),
        sha256=weights.sha256,
        context=context,
        is_demonstration=weights.is_demonstration,
    )
    places.local_model.parent.mkdir(parents=True, exist_ok=True)
    local_secrets.write(places.local_model, msgspec.json.encode(endpoint).decode())
    return endpoint


def _reserve() -> int:
    """Return a port that is kept for this user's own server, also while that starts, or starts again.

    Whoever took the port meanwhile would be sent the key and what people ask. A socket that is bound, and never listens, keeps
    it: with SO_REUSEPORT alone, the system lets none but the same user bind it besides.
    """
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind((HOST, 0))
    _reserved.append(kept)
    return int(kept.getsockname()[1])


def read(file: Path) -> Endpoint | None:
    """Return the endpoint of this start; None if there is no local model."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Endpoint)
    except (OSError, msgspec.DecodeError):
        return None


def withdraw(places: Places) -> None:
    """Say that there is no local model."""
    places.local_model.unlink(missing_ok=True)
