"""Which models there are: `LLM_*`, the file, what operators set up, what was found, the local one. The first is the default.

An operator may switch to another default while Galaxy runs (`chat.catalogue.runtime_file`).
Every process reads; the runners of each machine find (`chat.catalogue.model_discovery`). See docs/models.md.
"""

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from dotenv import dotenv_values
from redis.exceptions import RedisError

from chat.catalogue import aliases, found_models
from chat.catalogue.aliases import Alias
from chat.catalogue.found_models import FoundModels
from chat.catalogue.offers import Offer, Source, switched_to
from chat.catalogue.runtime_file import RuntimeFile
from chat.catalogue.set_up import SetUpModels
from chat.providers.base import ModelConfig
from chat.providers.known import registry
from chat.providers.known.found import Found
from chat.providers.known.llms_file import Listed, LlmsFile
from chat.providers.setup_help import UNSET

logger = logging.getLogger(__name__)


class UnknownModel(Exception):
    """No model has this name. Says so in a sentence."""


_found = FoundModels()
_set_up = SetUpModels()


async def models(tenant_id: UUID | None = None) -> list[ModelConfig]:
    """Every model that people of a tenant may be allowed to ask, the default first; without a tenant, those of all tenants.

    Names are unique: the first source of a name has it.
    """
    own = await _set_up.of(tenant_id) if tenant_id else []
    named = (await _set_up.aliases()).get(tenant_id, []) if tenant_id else []
    return [offer.model for offer in _in_order(own, await _found_now(), named)]


async def everywhere() -> list[ModelConfig]:
    """All models, also those that operators set up for their tenants, but no aliases."""
    own = [offer for offers in (await _set_up.everywhere()).values() for offer in offers]
    return [offer.model for offer in _in_order(own, await _found_now())]


async def by_tenant() -> dict[UUID | None, list[Offer]]:
    """All models with their sources: under None those of every tenant, then those of each tenant that has some of its own."""
    found = await _found_now()
    every: dict[UUID | None, list[Offer]] = {None: _in_order([], found)}
    own, named = await _set_up.everywhere(), await _set_up.aliases()
    for tenant_id in own.keys() | named.keys():
        every[tenant_id] = _in_order(own.get(tenant_id, []), found, named.get(tenant_id, []))
    return every


async def set_up(tenant_id: UUID) -> list[Offer]:
    """The models that operators of the tenant set up, with their providers' names."""
    return await _set_up.of(tenant_id)


async def sources() -> list[Offer]:
    """The models of all sources and tenants, also several with one name, but no aliases."""
    own = [offer for offers in (await _set_up.everywhere()).values() for offer in offers]
    every = [*_from("environment", _single()), *_from("list", listed().models), *own, *_from("found", await _found_now())]
    return [*every, *_from("local", _local(is_alone=not every))]


async def _found_now() -> list[ModelConfig]:
    if not settings.ENVIRONMENT.find_models:
        return []
    return [model.config(environ()) for model in await _found.read()]


def _in_order(own: Sequence[Offer], found: Sequence[ModelConfig], named: Sequence[Alias] = ()) -> list[Offer]:
    """The first model of each name, the default at the top. Aliases come after the models that operators set up."""
    given = [*_from("environment", _single()), *_from("list", listed().models), *own]
    every = [*given, *_from("found", found)]
    every += _from("local", _local(is_alone=not every))
    behind = {offer.model.name: offer.model for offer in reversed(every)}
    first: dict[str, Offer] = {}
    for offer in [*given, *aliases.offers(named, behind), *every]:
        first.setdefault(offer.model.name, offer)
    return switched_to(list(first.values()), runtime_file().switch().name)


def _from(source: Source, models: Iterable[ModelConfig]) -> list[Offer]:
    return [Offer(model, source) for model in models]


async def find(name: str | None, tenant_id: UUID | None = None) -> ModelConfig:
    """The model of this name; without one the default, which is `unset.UNSET` where there is no model at all.

    One that this process does not know yet is looked for again. Raises UnknownModel.
    """
    try:
        return among(await models(tenant_id), name)
    except UnknownModel:
        forget()
        return among(await models(tenant_id), name)


def among(known_models: Sequence[ModelConfig], name: str | None) -> ModelConfig:
    """The same where all models are at hand."""
    default = known_models[0] if known_models else UNSET
    if not name or name == UNSET.name or default is UNSET:
        return default
    for model in known_models:
        if model.name == name:
            return model
    raise UnknownModel(f"The model “{name[:80]}” is no longer available. Choose another one.")


def time_limits() -> tuple[float, float]:
    """Seconds that a model may take to its first token, and between two tokens."""
    return settings.ENVIRONMENT.first_token_seconds, settings.ENVIRONMENT.between_tokens_seconds


def bounds() -> tuple[float, float, int]:
    """The seconds that a whole answer may take, the seconds that may pass without a word, and the tokens it may have."""
    given = settings.ENVIRONMENT
    return given.answer_seconds, given.wordless_seconds, given.answer_tokens


async def elsewhere() -> set[str]:
    """The names of the models that only another machine reaches: its runners answer by them."""
    if not settings.ENVIRONMENT.find_models:
        return set()
    return await _found.elsewhere() - {model.name for model in (*_single(), *listed().models)}


def listed() -> Listed:
    """Contents of the operator's file: its models, those it cannot offer and why, and what is wrong with the file."""
    return _file().listed()


@lru_cache(maxsize=1)
def runtime_file() -> RuntimeFile:
    """The file that says which default an operator switched to."""
    return RuntimeFile(settings.PLACES.runtime_config)


def forget() -> None:
    """Read anew at the next question what operators set up."""
    _set_up.forget()


async def publish(found: list[Found]) -> None:
    """Make these the models that this machine found."""
    try:
        await found_models.publish(found)
    except RedisError as error:
        logger.warning("The models found cannot be published: %s", error)
    _found.forget()


def _single() -> list[ModelConfig]:
    """The one model of LLM_BASE_URL, LLM_API_KEY and LLM_MODEL_NAME."""
    given = settings.ENVIRONMENT
    if not given.llm_model_name:
        return []
    prefix, _, rest = given.llm_model_name.partition("/")
    if not given.llm_base_url and rest and registry.canonical(prefix) in registry.PROVIDERS:
        provider, model = registry.canonical(prefix), rest
    else:
        provider, model = registry.at(given.llm_base_url) if given.llm_base_url else "openai", given.llm_model_name
    return [ModelConfig(given.llm_model_name, provider, model, given.llm_base_url, given.llm_api_key.strip())]


def _local(*, is_alone: bool) -> list[ModelConfig]:
    """The model that Galaxy serves itself, on the machine of this process; the demonstration only until there is another."""
    offered = settings.LOCAL_MODEL
    if offered is None or (offered.is_demonstration and not is_alone and settings.ENVIRONMENT.local_model != "on"):
        return []
    return [
        ModelConfig(offered.name, "llamacpp", offered.name, offered.url, offered.key, is_demonstration=offered.is_demonstration)
    ]


@lru_cache(maxsize=1)
def environ() -> Mapping[str, str]:
    """The environment with `.env` below it: where providers' keys are looked up."""
    file = {name: value for name, value in dotenv_values(settings.BASE_DIR / ".env").items() if value is not None}
    return file | dict(os.environ)


@lru_cache(maxsize=1)
def _file() -> LlmsFile:
    return LlmsFile(settings.BASE_DIR / settings.ENVIRONMENT.llm_config_file, environ())
