"""The context of a model as typed values, in five parts, with the source of each value. Pure."""

from typing import Any, Literal

import msgspec

Source = Literal["operator", "server", "table", "galaxy"]
Place = Literal["this machine", "this network", "a provider"]


class ModelIdentification(msgspec.Struct, frozen=True, kw_only=True):
    """A model's names. `members` are the models behind an alias."""

    name: str
    provider: str
    model: str
    family: str | None = None
    parameter_count: str | None = None
    quantization: str | None = None
    members: list[str] = []


class ModelCapabilities(msgspec.Struct, frozen=True, kw_only=True):
    """Abilities of a model. Lengths are in tokens; None where nothing is known."""

    context_window: int | None = None
    max_output: int | None = None
    images: bool | None = None
    audio: bool | None = None
    documents: bool | None = None
    tools: Literal["native", "in words", "none"] = "native"
    reasoning: bool | None = None
    structured_output: bool | None = None


class InferenceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters that a question may set, and the server's defaults as far as it reports them."""

    settable: list[str] = []
    defaults: dict[str, Any] = {}
    takes_system_message: bool = True


class TokenizerDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A model's tokenizer. `bytes_a_token` is Galaxy's estimate until the provider has counted."""

    name: str | None = None
    vocabulary: int | None = None
    bytes_a_token: int


class RuntimeProperties(msgspec.Struct, frozen=True, kw_only=True):
    """Place of a model, its wire, and its price in US dollars per million tokens."""

    place: Place
    server: str
    wire: Literal["openai", "litellm"]
    slots: int | None = None
    prompt_price: float | None = None
    answer_price: float | None = None
    state: str = "untried"


class ModelContext(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about a model. `sources` gives the source of values by path; those without one are Galaxy's own."""

    identification: ModelIdentification
    capabilities: ModelCapabilities
    inference: InferenceSettings
    tokenizer: TokenizerDetails
    runtime: RuntimeProperties
    sources: dict[str, Source] = {}
