"""Facts of a model in its server's own words. Apart from the asking, which needs an HTTP client in memory."""

import msgspec


class ServerFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts as the server told them; None where it told nothing."""

    context_window: int | None = None
    max_output: int | None = None
    images: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    family: str | None = None
    parameter_count: str | None = None
    quantization: str | None = None
    tokenizer: str | None = None
    vocabulary: int | None = None
    slots: int | None = None
    defaults: dict[str, float] = {}
