"""Finds models by asking: Ollama and LM Studio on this machine, and every provider whose key is in the environment.

One runner asks and publishes; every process reads. Keys are never published, only the names of the variables that hold them.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import aiohttp
import msgspec

from chat.providers import sessions
from chat.providers.known import prices, registry
from chat.providers.known.documents import value_of
from chat.providers.known.found import Found
from chat.providers.reading.chunks import NotJSONError
from chat.providers.reading.numbers import within

logger = logging.getLogger(__name__)

LOCAL_EVERY = 30.0
REMOTE_EVERY = 600.0
ANSWER_SECONDS = 5.0
LONGEST_NAME = 200
LATEST = 1e11  # seconds since 1970
# A price list knows OpenRouter's models only in part, and servers of one's own not at all.
UNFILTERED = registry.OWN_MACHINES | {"openrouter", "anthropic"}


class Source(msgspec.Struct, frozen=True):
    """One place to ask. `key` names the variable of its key."""

    provider: str
    base_url: str
    key: str = ""
    every: float = REMOTE_EVERY


class _Entry(NamedTuple):
    """One model of a listing. `family` is Ollama's word."""

    name: str
    created: float
    family: str


LOCAL = (
    Source("ollama", "http://127.0.0.1:11434/v1", every=LOCAL_EVERY),
    Source("lm_studio", "http://127.0.0.1:1234/v1", every=LOCAL_EVERY),
)


def sources(environ: Mapping[str, str], *, local: Iterable[Source] = LOCAL) -> list[Source]:
    """List where to ask: the server at LLM_BASE_URL if given without a model's name, providers with keys, this machine."""
    found: list[Source] = []
    base_url = environ.get("LLM_BASE_URL", "")
    if base_url and not environ.get("LLM_MODEL_NAME"):
        found.append(Source(registry.at(base_url), base_url, "LLM_API_KEY", LOCAL_EVERY))
    for name, provider in registry.PROVIDERS.items():
        keys = [key for key in provider.keys if environ.get(key)]
        if keys:
            found.append(Source(name, provider.base_url or "https://api.anthropic.com/v1", keys[0]))
    return [*found, *local]


class Finder:
    """Asks each source in its own rhythm and keeps what each said."""

    def __init__(self, asked: Iterable[Source], environ: Mapping[str, str]) -> None:
        self._sources, self._environ = list(asked), environ
        self._found: dict[Source, list[str]] = {}
        self._due: dict[Source, float] = {}

    async def look(self) -> list[Found]:
        """Asks those whose turn it is, all at once, and gives every model that is known now."""
        now = time.monotonic()
        due = [source for source in self._sources if self._due.get(source, 0.0) <= now]
        for source in due:
            self._due[source] = now + source.every
        await asyncio.gather(*(self._ask(source) for source in due))
        return named([(source, model) for source in self._sources for model in self._found.get(source, [])])

    async def _ask(self, source: Source) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._found[source] = await ask(source, self._environ.get(source.key, "").strip())
        except (aiohttp.ClientError, OSError, TimeoutError, NotJSONError) as error:
            if source.key:  # a provider out of reach keeps its models; a server that was stopped has none
                logger.warning("%s does not list its models: %s", registry.subject(source.provider), type(error).__name__)
                self._due[source] = time.monotonic() + LOCAL_EVERY
            else:
                self._found.pop(source, None)


def named(models: Iterable[tuple[Source, str]]) -> list[Found]:
    """The models under names of their own: where two places offer the same one, the later says where it is."""
    taken: dict[str, Found] = {}
    for source, model in models:
        name = model.removesuffix(":latest")
        if name in taken:
            name = f"{name} ({registry.label(source.provider)})"
        taken.setdefault(name, Found(name, source.provider, model, source.base_url, source.key))
    return list(taken.values())


async def ask(source: Source, key: str) -> list[str]:
    """The names of a source's chat models, the newest first where it says how old they are."""
    if source.provider == "ollama":
        tags = await _get(source.base_url.removesuffix("/v1") + "/api/tags", {})
        return [entry.name for entry in tags if not _embeds(entry)]
    listing = await _get(f"{source.base_url.rstrip('/')}/models", _headers(source, key))
    newest = sorted(listing, key=lambda entry: entry.created, reverse=True)
    if source.provider not in UNFILTERED:
        await asyncio.to_thread(prices.load)
    names = [entry.name.removeprefix("models/") for entry in newest if not _embeds(entry)]
    return [name for name in names if source.provider in UNFILTERED or prices.is_for_chat(source.provider, name)]


async def _get(address: str, headers: dict[str, str]) -> list[_Entry]:
    proxy = sessions.proxy_for(address)
    async with sessions.session().get(address, headers=headers, allow_redirects=False, proxy=proxy) as response:
        response.raise_for_status()
        return listed(await value_of(response))


def listed(told: Any) -> list[_Entry]:
    """The good entries of a listing, which some servers send as a bare array. Ollama says `name`, all others `id`."""
    entries = told
    if isinstance(told, dict):
        entries = told.get("data") or told.get("models")
    found = [_entry(entry) for entry in entries if isinstance(entry, dict | str)] if isinstance(entries, list) else []
    return [entry for entry in found if entry]


def _entry(told: dict[str, Any] | str) -> _Entry | None:
    given: dict[str, Any] = {"id": told} if isinstance(told, str) else told
    names = (given.get("id"), given.get("name"), given.get("model"))
    name = next((name for name in names if isinstance(name, str) and name), "")
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        return None
    details = given.get("details")
    family = details.get("family") if isinstance(details, dict) else ""
    return _Entry(name, within(given.get("created"), LATEST) or 0.0, family if isinstance(family, str) else "")


def _headers(source: Source, key: str) -> dict[str, str]:
    if source.provider == "anthropic":
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return {"Authorization": f"Bearer {key}"} if key else {}


def _embeds(entry: _Entry) -> bool:
    """Tell whether a model makes embeddings, as far as its name and family show."""
    return "embed" in entry.name.lower() or "bert" in entry.family
