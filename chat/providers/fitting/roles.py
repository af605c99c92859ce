"""Models whose template has no system role: what the system message says goes before the first question. Pure."""

import msgspec

from chat.parts import Text
from chat.providers.base import Request, Turn

BREAK = Text("\n\n")


def joined(request: Request) -> Request:
    """The request with the system message at the beginning of the first question."""
    system, *turns = request.turns
    if system.role != "system":
        return request
    if not turns or turns[0].role != "user":
        return msgspec.structs.replace(request, turns=[Turn("user", system.parts), *turns])
    first = Turn("user", (*system.parts, BREAK, *turns[0].parts))
    return msgspec.structs.replace(request, turns=[first, *turns[1:]])
