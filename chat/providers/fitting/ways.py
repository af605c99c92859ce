"""Ways in which a model is asked: with a system message or without, with tools or with a description of them in words.

What a model refused is remembered for some hours, not for good: a server may have been given another template since.
"""

import time
from typing import NamedTuple

from chat import parts
from chat.parts import ToolCall
from chat.providers.base import ModelConfig, NoSystemRole, NoTools, NotTaken, Request
from chat.providers.fitting import roles, written_tools

REMEMBERED_FOR = 6 * 3600.0  # s

Key = tuple[str, str, str]


class Way(NamedTuple):
    """A way of asking: with the system message at the beginning of the first question, with tools told of in words."""

    joins_system: bool = False
    writes_tools: bool = False


_found: dict[Key, tuple[Way, float]] = {}  # the ways in which models answered that refused the usual one, and when


def known(model: ModelConfig) -> Way:
    """The way to ask a model, by its configuration and by what it refused before."""
    way, when = _found.get(_key(model), (Way(), 0.0))
    if time.monotonic() - when > REMEMBERED_FOR:
        way = Way()
    return Way(way.joins_system or not model.system_role, way.writes_tools or not model.tools)


def remember(model: ModelConfig, way: Way) -> None:
    """The model refused another way, and answered to this one."""
    _found[_key(model)] = way, time.monotonic()


def instead(way: Way, request: Request, error: NotTaken) -> Way | None:
    """The way to ask after a refusal; None where nothing is left to leave out.

    What is about roles may be about the role of a tool's result, which only those requests have that tell of calls.
    """
    joins = Way(joins_system=True, writes_tools=way.writes_tools)
    writes = Way(way.joins_system, writes_tools=True)
    may_join = not way.joins_system and request.turns[0].role == "system"
    may_write = not way.writes_tools and is_about_tools(request)
    if isinstance(error, NoTools):
        return writes if may_write else None
    return joins if may_join and isinstance(error, NoSystemRole) else writes if may_write else None


def is_about_tools(request: Request) -> bool:
    """Tell whether the request has tools, or calls of them in its history."""
    return bool(request.tools) or any(parts.of_kind(ToolCall, turn.parts) for turn in request.turns)


def fitted(request: Request, way: Way) -> Request:
    """The request in this way."""
    if way.writes_tools and is_about_tools(request):
        request = written_tools.in_words(request)
    return roles.joined(request) if way.joins_system else request


def _key(model: ModelConfig) -> Key:
    return model.provider, model.base_url, model.model
