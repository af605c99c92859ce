"""The embedding model that the settings name, with the key and the URL of its provider."""

from collections.abc import Mapping

from chat.providers.known import registry
from embeddings.serving.provider import Given
from galaxy.configuration.environment import Environment

OPENAI_WIRE = "openai"  # LiteLLM's name for any server that speaks it


def given(environment: Environment, environ: Mapping[str, str]) -> Given | None:
    """Return the arguments of calls to the provider; None for the embedded model."""
    if not environment.embedding_model:
        return None
    prefix, _, name = environment.embedding_model.partition("/")
    provider = registry.canonical(prefix)
    return Given(
        name=f"{provider}/{name}",
        model=f"{_litellm_name(provider, environment.embedding_base_url)}/{name}",
        api_base=_address(provider, environment.embedding_base_url),
        api_key=environment.embedding_api_key or _key(provider, environ),
        dimensions=environment.embedding_dimensions,
        prefixes={"query": environment.embedding_query_prefix, "passage": environment.embedding_passage_prefix},
    )


def _litellm_name(provider: str, base_url: str) -> str:
    """Return LiteLLM's name for the wire: a self-hosted server, or one at a URL of its own, speaks OpenAI's."""
    if provider in registry.OWN_MACHINES or (base_url and provider not in registry.OWN_WIRES):
        return OPENAI_WIRE
    return provider


def _address(provider: str, base_url: str) -> str:
    """Return the URL; empty for a provider whose URL LiteLLM knows."""
    if provider in registry.OWN_WIRES:
        return base_url
    return registry.door(provider, base_url) if base_url or provider in registry.OWN_MACHINES else ""


def _key(provider: str, environ: Mapping[str, str]) -> str:
    known = registry.PROVIDERS.get(provider)
    found = (environ.get(name, "").strip() for name in (known.keys if known else ()))
    # A self-hosted server asks for none, but the wire's client insists on one.
    return next(filter(None, found), "none" if provider in registry.OWN_MACHINES else "")
