"""The local model as a part of the installation: whether it is wanted, and its process."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from chat.providers.known import registry
from chat.providers.known.llms_file import LlmsFile
from galaxy.configuration.environment import ROOT, Environment
from galaxy.configuration.paths import Places
from galaxy.services.local_model import endpoint, weights
from galaxy.services.local_model.endpoint import HOST, Endpoint
from galaxy.services.local_model.weights import Weights
from galaxy.services.supervision.part import NotReadyError, Part, plain_environment

PLATFORM = Path(__file__).resolve().parents[3]
LOADS_WITHIN = 120.0  # a file of several gigabytes from a slow disk


def wanted(environment: Environment, environ: Mapping[str, str]) -> Weights | None:
    """Choose the weights to serve; None if no local model is wanted here. Raises CannotStartError for a file that is none.

    `auto`: the file that the operator names, otherwise the demonstration where no other model is set up.
    """
    if environment.local_model == "off" or not weights.can_run():
        return None
    if environment.local_model_file:
        return weights.of_file(ROOT / Path(environment.local_model_file).expanduser())
    if environment.local_model == "auto" and _is_set_up(environment, environ):
        return None
    return weights.of_demonstration()


def part(places: Places, chosen: Weights, context: int) -> Part:
    """Describe the process, and publish where it listens."""
    offered = endpoint.publish(places, chosen, context)
    python_path = os.pathsep.join(filter(None, [str(PLATFORM), os.environ.get("PYTHONPATH")]))
    return Part(
        name="local-model",
        command=[sys.executable, "-m", "galaxy.services.local_model.server", str(places.local_model)],
        environment=plain_environment() | {"PYTHONPATH": python_path},
        ready=lambda: ping(offered),
        ready_within=LOADS_WITHIN,
        alive=lambda: ping(offered),
        stop_within=2.0,
        is_vital=False,
    )


async def ping(offered: Endpoint) -> None:
    """Ask for its health, which wakes nothing. Raises NotReadyError while it loads."""
    reader, writer = await asyncio.open_connection(HOST, offered.port)
    try:
        writer.write(f"GET /health HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
        line = await reader.readline()
        if b" 200 " not in line:
            raise NotReadyError("It loads its weights.")
    finally:
        writer.close()


def _is_set_up(environment: Environment, environ: Mapping[str, str]) -> bool:
    """Tell whether the settings, the operator's list or a provider's key name a model."""
    if environment.llm_model_name or environment.llm_base_url:
        return True
    listed = LlmsFile(ROOT / environment.llm_config_file, environ).listed()
    return bool(listed.models) or (environment.find_models and _has_key(environ))


def _has_key(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name, "").strip() for known in registry.PROVIDERS.values() for name in known.keys)
