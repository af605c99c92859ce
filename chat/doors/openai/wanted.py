"""The body of a request for a completion, by OpenAI's names: the fields that are used, and those that are refused."""

import re
from typing import Any, Literal

import msgspec

from accounts.storage.texts import DEEPEST, is_deep_json
from chat.doors.openai import history, schemas
from chat.doors.openai.errors import bad
from chat.doors.openai.history import Message
from chat.providers.base import ToolSpec
from chat.providers.given import Given
from chat.providers.parameters import Form, Parameters, parse
from chat.runs.question import Completion

ALL = "all"
MOST_TOOLS = 128
MOST_TOOL_BYTES = 2**20  # of all of them, as JSON
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FORMATS = ("text", "json_object", "json_schema")
PATH = re.compile(r" - at `\$\.?(.*?)`$")
# Fields that change the answer and are not supported: if they were ignored, they would seem to have been used.
UNSERVED: dict[str, tuple[Any, ...]] = {
    "n": (None, 1),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "logit_bias": (None, {}),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "web_search_options": (None,),
    "functions": (None, []),
    "function_call": (None,),
}
INSTEAD = {"functions": " Use tools instead.", "function_call": " Use tool_choice instead."}


class Function(msgspec.Struct):
    """A function of the client."""

    name: str
    description: str = ""
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionTool(msgspec.Struct):
    """A tool of the client."""

    type: Literal["function"]
    function: Function


class StreamOptions(msgspec.Struct):
    """Options of a stream."""

    include_usage: bool = False


class Wanted(msgspec.Struct, kw_only=True):
    """Body of the request. Unknown fields are ignored."""

    model: str
    messages: list[Message]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[FunctionTool] | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: dict[str, Any] | None = None
    galaxy_tools: list[str] | Literal["all"] | None = None

    @property
    def counts(self) -> bool:
        """Tell whether the stream ends with the usage of the answer."""
        return bool(self.stream_options and self.stream_options.include_usage)


def read(body: bytes) -> tuple[Wanted, Completion]:
    """Read the body. A large one takes a while, so call this in a thread. Raises Refused."""
    wanted = decoded(body, Wanted)
    given = decoded(body, dict[str, Any])
    if is_deep_json(given):
        raise bad(f"More than {DEEPEST} values lie in one another.")
    _refuse_unserved(given)
    tools = _tools(wanted)
    if schemas.are_endless([*(tool.parameters for tool in tools), wanted.response_format]):
        raise bad("The schemas refer to so much that they cannot be followed. Use fewer references.", "tools")
    turns = history.turns_of(wanted.messages)
    form = Form(_format(wanted.response_format), _choice(wanted), wanted.parallel_tool_calls)
    named = wanted.galaxy_tools
    theirs = None if named == ALL else tuple(dict.fromkeys(named or ()))
    return wanted, Completion(wanted.model, Given(turns, tools, form), _parameters(given), theirs)


def decoded(body: bytes, kind: type[history.T]) -> history.T:
    """Return the body as a value of this kind. Raises Refused, which names the field that is wrong."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        found = PATH.search(str(error))
        raise bad(f"The request is not understood: {error}.", found.group(1) if found else None) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise bad(f"The request is not JSON: {error}.") from error


def _refuse_unserved(given: dict[str, Any]) -> None:
    for name, harmless in UNSERVED.items():
        if given.get(name) not in harmless:
            words = f"`{name}` is not supported here, or not with this value.{INSTEAD.get(name, '')}"
            raise bad(words, name, "unsupported_parameter")


def _parameters(given: dict[str, Any]) -> Parameters:
    known = {name: given[name] for name in Parameters.__struct_fields__ if given.get(name) is not None}
    try:
        return parse(known)
    except msgspec.ValidationError as error:
        found = PATH.search(str(error))
        raise bad(f"The request is not understood: {error}.", found.group(1) if found else None) from error


def _tools(wanted: Wanted) -> tuple[ToolSpec, ...]:
    tools = [tool.function for tool in wanted.tools or ()]
    names = [tool.name for tool in tools]
    ours = set() if wanted.galaxy_tools == ALL else set(wanted.galaxy_tools or ())
    if len(tools) > MOST_TOOLS:
        raise bad(f"There are {len(tools)} tools. The most is {MOST_TOOLS}.", "tools")
    for place, name in enumerate(names):
        if not NAME.fullmatch(name) or name in names[:place]:
            raise bad(f"{name[:80]!r} cannot be the name of a tool, or is the name of two.", f"tools[{place}].function.name")
        if name in ours:
            raise bad(f"{name} is also in `galaxy_tools`. Rename your own tool.", f"tools[{place}].function.name")
    empty = {"type": "object", "properties": {}}
    found = tuple(ToolSpec(tool.name, tool.description, tool.parameters or empty, strict=tool.strict) for tool in tools)
    if len(msgspec.json.encode(found)) > MOST_TOOL_BYTES:
        raise bad(f"The tools are described at too great length. The limit is {MOST_TOOL_BYTES // 2**20} MB.", "tools")
    return found


def _choice(wanted: Wanted) -> Literal["none", "auto", "required"] | dict[str, Any] | None:
    choice = wanted.tool_choice
    if not (wanted.tools or wanted.galaxy_tools):
        if choice not in (None, "none", "auto"):
            raise bad("`tool_choice` is only allowed when tools are given.", "tool_choice")
        return None
    if not isinstance(choice, dict):
        return choice
    function = choice.get("function")
    if choice.get("type") != "function" or not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise bad("`tool_choice` must name a function.", "tool_choice")
    return {"type": "function", "function": {"name": function["name"]}}


def _format(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None or given.get("type") == "text":
        return None
    if given.get("type") not in FORMATS:
        raise bad(f"`response_format.type` must be one of {', '.join(FORMATS)}.", "response_format")
    if given["type"] == "json_schema":
        schema = given.get("json_schema")
        if (
            not isinstance(schema, dict)
            or not isinstance(schema.get("name"), str)
            or not isinstance(schema.get("schema"), dict)
        ):
            raise bad("`response_format.json_schema` must have a `name` and a `schema`.", "response_format.json_schema")
    return given
