"""Models whose template has no system role: what the system message says goes before the first question."""

import msgspec

from chat.parts import Text
from chat.providers.base import ModelConfig, Request, Turn

BREAK = Text("\n\n")

_without: set[tuple[str, str, str]] = set()  # the models that refused one, as long as this process lives


def fitted(request: Request) -> Request:
    """The request as its model takes it, as far as is known."""
    model = request.model
    return request if model.system_role and _key(model) not in _without else joined(request)


def remember(model: ModelConfig) -> None:
    """The model refused a system message, and answered without."""
    _without.add(_key(model))


def joined(request: Request) -> Request:
    """The request with the system message at the beginning of the first question."""
    system, *turns = request.turns
    if system.role != "system":
        return request
    if not turns or turns[0].role != "user":
        return msgspec.structs.replace(request, turns=[Turn("user", system.parts), *turns])
    first = Turn("user", (*system.parts, BREAK, *turns[0].parts))
    return msgspec.structs.replace(request, turns=[first, *turns[1:]])


def _key(model: ModelConfig) -> tuple[str, str, str]:
    return model.provider, model.base_url, model.model
