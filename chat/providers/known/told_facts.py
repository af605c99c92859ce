"""Facts of a model from its server: values alone, as asking for them needs an HTTP client in memory."""

import msgspec


class ServerFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts as the server reported them; None for those that it did not."""

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
