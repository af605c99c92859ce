"""Facts of models from self-hosted servers: llama.cpp, Ollama, LM Studio, vLLM, and others that list more than names."""

from typing import Any

from chat.providers import sessions
from chat.providers.base import ModelConfig
from chat.providers.known import registry
from chat.providers.known.documents import value_of
from chat.providers.known.told_facts import ServerFacts
from chat.providers.reading.numbers import within

MOST_TOKENS = 100_000_000
LONGEST_WORD = 60
_DEFAULTS = ("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "seed")
_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length")


async def ask(model: ModelConfig) -> ServerFacts:
    """Ask the model's server. Raises aiohttp.ClientError, OSError and NotJSONError."""
    door = registry.door(model.provider, model.base_url)
    root = door.removesuffix("/v1")
    match registry.canonical(model.provider):
        case "ollama":
            shown = await _json(model, "POST", f"{root}/api/show", {"model": model.model})
            return of_ollama(shown, await _json(model, "GET", f"{root}/api/ps"), model.model)
        case "llamacpp":
            return of_llamacpp(await _json(model, "GET", f"{root}/props"), await _json(model, "GET", f"{door}/models"))
        case "lm_studio":
            return of_lm_studio(await _json(model, "GET", f"{root}/api/v0/models"), model.model)
    return of_listing(await _json(model, "GET", f"{door}/models"), model.model)


def of_llamacpp(props: Any, listing: Any) -> ServerFacts:
    """llama.cpp's `/props`, and the `meta` of its list. It serves one model; `n_ctx` is the window of one answer."""
    generation, listed = _dict(_dict(props).get("default_generation_settings")), _first(listing)
    meta, given = _dict(listed.get("meta")), _dict(generation.get("params"))
    count = _count(meta.get("n_params"))
    return ServerFacts(
        context_window=_count(generation.get("n_ctx")) or _count(meta.get("n_ctx")),
        images=_flag(_dict(_dict(props).get("modalities")).get("vision")),
        tools=_flag(_dict(_dict(props).get("chat_template_caps")).get("supports_tools")),
        parameter_count=_size(count) if count else None,
        vocabulary=_count(meta.get("n_vocab")),
        slots=_count(_dict(props).get("total_slots")),
        defaults={name: value for name in _DEFAULTS if (value := _number(given.get(name))) is not None},
    )


def of_ollama(shown: Any, running: Any, name: str) -> ServerFacts:
    """Ollama's `/api/show`. The window is the one that the model was loaded with: Ollama silently cuts longer prompts."""
    told, info = _dict(shown), _dict(_dict(shown).get("model_info"))
    details, able = _dict(told.get("details")), told.get("capabilities")
    able = able if isinstance(able, list) else None
    set_to = dict(line.split(None, 1) for line in _text(told.get("parameters")).splitlines() if len(line.split(None, 1)) > 1)
    loaded = next((one for one in _entries(running) if name in (one.get("name"), one.get("model"))), {})
    return ServerFacts(
        context_window=_count(loaded.get("context_length")) or _count(set_to.get("num_ctx")),
        images=None if able is None else "vision" in able,
        tools=None if able is None else "tools" in able,
        reasoning=None if able is None else "thinking" in able,
        family=_word(details.get("family")),
        parameter_count=_word(details.get("parameter_size")),
        quantization=_word(details.get("quantization_level")),
        tokenizer=_word(info.get("tokenizer.ggml.model")),
        vocabulary=_count(info.get(f"{_text(info.get('general.architecture'))}.vocab_size")),
        defaults={key: value for key in _DEFAULTS if (value := _number(set_to.get(key))) is not None},
    )


def of_lm_studio(listing: Any, name: str) -> ServerFacts:
    """LM Studio's own list. The window is the one that the model was loaded with."""
    told = next((one for one in _entries(listing) if one.get("id") == name), {})
    able = told.get("capabilities")
    return ServerFacts(
        context_window=_count(told.get("loaded_context_length")),
        images=told["type"] == "vlm" if told.get("type") else None,
        tools="tool_use" in able if isinstance(able, list) else None,
        family=_word(told.get("arch")),
        quantization=_word(told.get("quantization")),
    )


def of_listing(listing: Any, name: str) -> ServerFacts:
    """The entry of an OpenAI-compatible list that holds more than a name, such as vLLM's or OpenRouter's."""
    told = next((one for one in _entries(listing) if one.get("id") == name), {})
    modalities = _dict(told.get("architecture")).get("input_modalities")
    settable = told.get("supported_parameters")
    return ServerFacts(
        context_window=next((count for key in _WINDOWS if (count := _count(told.get(key)))), None),
        max_output=_count(_dict(told.get("top_provider")).get("max_completion_tokens")),
        images="image" in modalities if isinstance(modalities, list) else None,
        tools="tools" in settable if isinstance(settable, list) else None,
        reasoning="reasoning" in settable if isinstance(settable, list) else None,
        tokenizer=_word(_dict(told.get("architecture")).get("tokenizer")),
    )


async def _json(model: ModelConfig, method: str, address: str, body: dict[str, str] | None = None) -> Any:
    """Fetch a URL; None if the server does not have it."""
    headers = dict(model.headers) | ({"Authorization": f"Bearer {model.api_key}"} if model.api_key else {})
    asked = sessions.session().request(
        method, address, json=body, headers=headers, allow_redirects=False, proxy=sessions.proxy_for(address)
    )
    async with asked as response:
        return await value_of(response) if response.ok and response.status < 300 else None  # noqa: PLR2004


def _entries(told: Any) -> list[dict[str, Any]]:
    given = (_dict(told).get("data") or _dict(told).get("models")) if isinstance(told, dict) else told
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _first(told: Any) -> dict[str, Any]:
    return next((one for one in _entries(told) if "meta" in one), {})


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _word(value: Any) -> str | None:
    word = "".join(filter(str.isprintable, _text(value)))[:LONGEST_WORD]
    return word or None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return within(value, MOST_TOKENS)


def _count(value: Any) -> int | None:
    found = within(value, 1e15)
    return int(found) if found else None


def _size(count: int) -> str:
    return f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.0f}M"  # noqa: PLR2004
