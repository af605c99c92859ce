"""The embedder's process. An idle one replaces itself by a fresh one (`exec`), which gives all its memory back."""

import asyncio
import os
import signal
import socket
import sys

from chat.providers import sessions
from embeddings.serving.embedded import EmbeddedModel
from embeddings.serving.model import Model
from embeddings.serving.provider import ProviderModel
from embeddings.serving.server import Server, listen
from galaxy.configuration.environment import ROOT, Environment, variables
from galaxy.configuration.paths import Places
from galaxy.services.embedder import chosen
from galaxy.services.supervision import readiness
from galaxy.services.supervision.part import CannotStartError

AGAIN = "GALAXY_EMBEDDER_FD"  # the open socket of the process before `exec`


def run(environment: Environment, places: Places) -> None:
    """Serve until SIGTERM. Raises CannotStartError where the socket's folder is not this user's."""
    listener = _kept() or _listen(places)
    reports = os.environ.get(readiness.VARIABLE, "")
    if asyncio.run(_until_idle(environment, places, listener)):
        _start_afresh(listener, reports)
    places.embedder_socket.unlink(missing_ok=True)


async def _until_idle(environment: Environment, places: Places, listener: socket.socket) -> bool:
    """Serve; return True if it became idle, False if it was asked to end."""
    models, name = _models(environment, places)
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(Server(models, name).until_idle(listener, environment.embedding_idle_seconds))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    loop.call_soon(readiness.report_and_beat, loop)
    await asyncio.wait({serving})
    return not serving.cancelled() and serving.result() is None


def _models(environment: Environment, places: Places) -> tuple[list[Model], str]:
    embedded = EmbeddedModel(places.embeddings, environment.embedding_threads)
    given = chosen.given(environment, variables())
    if given is None:
        return [embedded], "multilingual-e5-small"
    sessions.spare_local(given.api_base)
    return [ProviderModel(given), embedded], given.name


def _listen(places: Places) -> socket.socket:
    """Open the socket, in a folder where no one else can put another in its place."""
    folder = places.sockets
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise CannotStartError(f"{folder} belongs to another user. Remove it, or set DATA_DIR to a shorter path.")
    return listen(places.embedder_socket)


def _kept() -> socket.socket | None:
    number = int(os.environ.pop(AGAIN, "-1"))
    if number < 0:
        return None
    os.set_inheritable(number, False)
    return socket.socket(fileno=number)


def _start_afresh(listener: socket.socket, reports: str) -> None:
    """Start the program again in this process, with the same socket, where clients wait, and pipe to the supervisor."""
    for number, variable in ((listener.fileno(), AGAIN), (int(reports or "-1"), readiness.VARIABLE)):
        if number >= 0:
            os.set_inheritable(number, True)
            os.environ[variable] = str(number)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, str(ROOT / "manage.py"), "embedder"])  # noqa: S606  no shell is meant
