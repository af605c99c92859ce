"""Check for models, for `doctor`: Galaxy works without one, so a missing model is not a failure, but easily overlooked."""

import os

import aiohttp

from chat.providers.known.llms_file import LlmsFile
from galaxy.configuration.environment import ROOT, Environment

WITHIN = 5.0
LOCAL = "start Ollama or LM Studio on this machine, "
NAMED = "list models in platform/config/llms.yml, or set LLM_BASE_URL, LLM_API_KEY and LLM_MODEL_NAME (docs/models.md)."


def how(settings: Environment) -> str:
    """Explain how to add a model. With FIND_MODELS=false, only named ones are found."""
    return f"To add one: {LOCAL if settings.find_models else ''}{NAMED}"


def is_named(settings: Environment) -> bool:
    """Check whether the settings or the operator's list name a model, usable or not."""
    listed = LlmsFile(ROOT / settings.llm_config_file, os.environ).listed()
    return bool(settings.llm_model_name or listed.models or listed.unavailable)


async def has_none(address: str) -> bool:
    """Check whether the Galaxy at `address` has no model."""
    return await part_is(address, "models", "none")


async def part_is(address: str, part: str, status: str) -> bool:
    """Check whether a part of the Galaxy at `address` reports this state; False without an answer."""
    try:
        async with (
            aiohttp.ClientSession(address, timeout=aiohttp.ClientTimeout(total=WITHIN)) as session,
            session.get("/readyz") as answer,
        ):
            told = await answer.json()
            return bool(told["parts"][part]["status"] == status)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError):
        return False
