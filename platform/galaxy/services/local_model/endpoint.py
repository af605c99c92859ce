"""Address and key of the local model in a file: its server reads it, and so does each process that asks the model."""

import secrets
import socket
from pathlib import Path

import msgspec

from galaxy.configuration import local_secrets
from galaxy.configuration.paths import Places
from galaxy.services.local_model.weights import Weights

HOST = "127.0.0.1"


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
    with socket.create_server((HOST, 0)) as found:
        port = int(found.getsockname()[1])
    endpoint = Endpoint(
        port=port,
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


def read(file: Path) -> Endpoint | None:
    """Return the endpoint of this start; None if there is no local model."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Endpoint)
    except (OSError, msgspec.DecodeError):
        return None


def withdraw(places: Places) -> None:
    """Say that there is no local model."""
    places.local_model.unlink(missing_ok=True)
