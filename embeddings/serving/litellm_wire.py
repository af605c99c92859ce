"""Calls of LiteLLM's `aembedding`. Importing this module imports LiteLLM, which takes seconds and some 200 MB."""

import asyncio
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

# Read while LiteLLM is imported: without it the import fetches a price list from the internet.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import aiohttp
import httpx
import litellm
import openai
from litellm.llms.base_llm.chat.transformation import BaseLLMException

from embeddings.errors import ProviderRefused
from embeddings.serving.provider import Given
from embeddings.vectors import Kind

litellm.telemetry = False
litellm.suppress_debug_info = True
litellm.turn_off_message_logging = True
litellm.drop_params = True
litellm.callbacks = []
logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)  # its log lines quote the texts

FAILURES = (openai.OpenAIError, BaseLLMException, httpx.HTTPError, aiohttp.ClientError, OSError, ValueError)
CONNECTION = (openai.APIConnectionError, httpx.TransportError, aiohttp.ClientConnectionError, OSError)
WITHIN = 30.0
RETRIES = 2
REFUSED = {400: "EMBEDDING_MODEL", 401: "its key", 403: "its key", 404: "EMBEDDING_MODEL and EMBEDDING_BASE_URL"}
# The names that providers have for the kinds of texts.
KINDS: dict[str, dict[Kind, str]] = {
    "cohere": {"query": "search_query", "passage": "search_document"},
    "voyage": {"query": "query", "passage": "document"},
}


async def embedded(given: Given, texts: Sequence[str], kind: Kind) -> tuple[list[list[float]], int]:
    """Return the vectors as the provider gives them, and the tokens it counted. Raises ProviderRefused."""
    try:
        async with asyncio.timeout(WITHIN * (RETRIES + 1)):
            answer = await litellm.aembedding(**_arguments(given, list(texts), kind))
    except FAILURES as error:  # TimeoutError is an OSError
        raise ProviderRefused(_words(given, error)) from error
    rows = sorted(answer.data, key=lambda row: row["index"])
    return [row["embedding"] for row in rows], getattr(answer.usage, "prompt_tokens", 0) or 0


def _arguments(given: Given, texts: list[str], kind: Kind) -> dict[str, Any]:
    provider = given.model.partition("/")[0]
    arguments = {
        "model": given.model,
        "input": texts,
        "timeout": WITHIN,
        "max_retries": RETRIES,
        "encoding_format": "float",
        "api_base": given.api_base or None,
        "api_key": given.api_key or None,
        "dimensions": given.dimensions or None,
        # LiteLLM drops it for models that it does not know, as most self-hosted ones.
        "allowed_openai_params": ["dimensions"] if given.dimensions else None,
        "input_type": KINDS.get(provider, {}).get(kind),
    }
    return {name: value for name, value in arguments.items() if value is not None}


def _words(given: Given, error: Exception) -> str:
    """Say what happened, but not in the provider's words: they may quote the key or the texts."""
    status = getattr(error, "status_code", None)
    if any(isinstance(each, CONNECTION) for each in _causes(error)):
        return f"“{given.name}” cannot be reached, so texts were not embedded. Check EMBEDDING_BASE_URL and the provider."
    if status in REFUSED:
        return f"“{given.name}” refused to embed texts (status {status}). Check {REFUSED[status]}."
    what = f"status {status}" if status else type(error).__name__
    return f"“{given.name}” failed to embed texts ({what}). Try again in a moment."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes: LiteLLM reports a server that is not there as status 500."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
