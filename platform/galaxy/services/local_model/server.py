"""The local model's process: `python -m galaxy.services.local_model.server <file of the endpoint>`.

It runs without Django. llama.cpp serves from threads of its own; this one waits for the signal to end.
"""

import os
import signal
import sys
from pathlib import Path

import xllamacpp

from galaxy.services.local_model import endpoint, weights
from galaxy.services.local_model.endpoint import Endpoint

SLOTS = 2  # answers at once; they share the context
IDLE_SECONDS = 300  # then it lets the weights go, and the next question loads them again in under a second
HTTP_THREADS = 8


def main(file: str) -> int:
    """Serve until SIGTERM. Returns 1 if the weights cannot be used."""
    offered = endpoint.read(Path(file))
    if offered is None:
        return _refuse(f"{file} does not describe a local model.")
    if not weights.is_whole(Path(offered.file), offered.sha256):
        return _refuse(
            f"{offered.file} is damaged: its hash is not the one that Galaxy knows. Install Galaxy's packages again."
        )
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # before threads begin, which inherit it
    try:
        server = xllamacpp.Server(parameters(offered))
    except RuntimeError as error:
        return _refuse(f"{offered.file} cannot be loaded: {error}")
    sys.stdout.write(f"{offered.name} listens at {server.listening_address}.\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGTERM})
    os._exit(0)  # nothing is kept; llama.cpp's own end waits for answers


def parameters(offered: Endpoint) -> xllamacpp.CommonParams:
    """Describe the server: no page, no metrics, no browser of another origin, nothing fetched."""
    given = xllamacpp.CommonParams()
    given.model.path, given.model_alias = offered.file, {offered.name}
    given.hostnames, given.port, given.api_keys = [endpoint.HOST], offered.port, [offered.key]
    given.reuse_port = True  # the supervisor keeps the port for it
    given.n_parallel, given.n_ctx, given.kv_unified = SLOTS, offered.context, True
    given.cpuparams.n_threads, given.cpuparams_batch.n_threads = _threads(is_tiny=offered.is_demonstration)
    given.ui = given.endpoint_slots = given.endpoint_metrics = given.endpoint_props = given.fit_params = False
    given.offline, given.cors_origins = True, ""
    given.cache_ram_mib, given.n_threads_http, given.verbosity = 0, HTTP_THREADS, 0
    given.sleep_idle_seconds = IDLE_SECONDS
    return given


def _threads(*, is_tiny: bool) -> tuple[int, int]:
    """Return the threads for writing and for reading. A tiny model writes fastest with one, also on a busy machine."""
    every = os.cpu_count() or 1
    return (1 if is_tiny else every, min(every, 4) if is_tiny else every)


def _refuse(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
