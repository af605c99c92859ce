"""The embedder's process. Once it was idle it starts itself afresh, in the same process: all memory is then given back."""

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

AGAIN = "GALAXY_EMBEDDER_FD"  # the open socket, kept from before


def run(environment: Environment, places: Places) -> None:
    """Serve until SIGTERM."""
    listener = _kept() or listen(places.embedder_socket)
    reports = os.environ.get(readiness.VARIABLE, "")
    if asyncio.run(_until_idle(environment, places, listener)):
        _start_afresh(listener, reports)


async def _until_idle(environment: Environment, places: Places, listener: socket.socket) -> bool:
    """Serve; return whether it was idle, otherwise it was asked to end."""
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


def _kept() -> socket.socket | None:
    number = int(os.environ.pop(AGAIN, "-1"))
    if number < 0:
        return None
    os.set_inheritable(number, False)
    return socket.socket(fileno=number)


def _start_afresh(listener: socket.socket, reports: str) -> None:
    """Become a new process, with the same socket, in which clients wait meanwhile, and the same pipe to the supervisor."""
    for number, variable in ((listener.fileno(), AGAIN), (int(reports or "-1"), readiness.VARIABLE)):
        if number >= 0:
            os.set_inheritable(number, True)
            os.environ[variable] = str(number)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, str(ROOT / "manage.py"), "embedder"])  # noqa: S606  no shell is meant
