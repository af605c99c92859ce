"""One call as a model wrote it: which tool, and with which arguments, whatever it calls the two. Pure."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from chat.providers.reading.loose_json import NotReadable, read

TOOL = ("tool", "name", "tool_name", "function")
ARGUMENTS = ("arguments", "parameters", "args", "input")
_EXACT = (TOOL, ARGUMENTS)
HEAD = 120  # characters, in which a bare object must have shown that it is a call
UNNAMED = "unnamed"

_KEY = re.compile(r"\{\s*[\"'“]?(?P<key>\w+)[\"'”]?\s*:\s*")
_KEY_BEGUN = re.compile(r"\{\s*[\"'“]?\w*[\"'”]?\s*:?")
_NAME = re.compile(r"[\"'“](?P<name>[^\"'”]*)[\"'”]")
_NAME_BEGUN = re.compile(r"(?:[\"'“][^\"'”]*)?")
_NAME_IN = re.compile(r"[\"'“]?(?:tool|name|function)[\"'”]?\s*[:=]\s*[\"'“]?(?P<name>[\w.-]+)")
_WORD = re.compile(r"[A-Za-z_][\w.-]*")

Known = Callable[[str], bool]


class WrittenCall(NamedTuple):
    """A call. `arguments` are JSON as far as the model wrote any; `mended` says what was made right."""

    name: str
    arguments: str
    mended: tuple[str, ...] = ()


def of_bare(text: str, known: Known) -> WrittenCall | None:
    """The call that an object without a tag is: of a known tool, its name and its arguments and nothing else."""
    try:
        value, mended = read(text)
    except NotReadable:
        return None
    is_exact = isinstance(value, dict) and len(value) == len(_EXACT)
    if not is_exact or not all(_first(value, keys) for keys in _EXACT):
        return None
    call = _of(value, mended, known)
    return call if known(call.name) else None


def of_tagged(text: str, known: Known, *, is_whole: bool) -> WrittenCall:
    """The call that a block is, even if it names no tool or cannot be read: then the model is told so."""
    try:
        value, mended = read(text, is_whole=is_whole)
    except NotReadable:
        return unreadable(text, known)
    return _of(value, mended, known) if isinstance(value, dict) else unreadable(text, known)


def unreadable(text: str, known: Known) -> WrittenCall:
    """The call of a block that is not an object."""
    named = _NAME_IN.search(text)
    words = [named["name"]] if named else _WORD.findall(text[:HEAD])
    return WrittenCall(next(filter(known, words), words[0] if words else UNNAMED), text)


def may_be_bare(text: str, known: Known) -> bool:
    """Tell whether an object that has begun may be a call; no more of it is looked at than its head."""
    head, is_all = text[:HEAD], len(text) < HEAD
    key = _KEY.match(head)
    if key is None:
        return is_all and bool(_KEY_BEGUN.fullmatch(head))
    if key["key"] not in TOOL:
        return key["key"] in ARGUMENTS
    if name := _NAME.match(head, key.end()):
        return known(name["name"])
    return is_all and bool(_NAME_BEGUN.fullmatch(head, key.end()))


def _of(value: dict[str, Any], mended: tuple[str, ...], known: Known) -> WrittenCall:
    inner = value.get("function")
    if isinstance(inner, dict):  # OpenAI's own form
        value = inner
    key = _first(value, TOOL)
    if not key and len(value) == 1 and known(name := next(iter(value))):
        return WrittenCall(name, _json(value[name]), (*mended, "the tool’s name stood before its arguments"))
    name = str(value.get(key) or UNNAMED) if key else UNNAMED
    if given := _first(value, ARGUMENTS):
        return WrittenCall(name, _json(value[given]), mended)
    rest = {other: inner for other, inner in value.items() if other not in {key, "id", "type"}}
    return WrittenCall(name, _json(rest), (*mended, "the arguments stood beside the tool’s name") if rest else mended)


def _first(value: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((key for key in keys if key in value), "")


def _json(value: Any) -> str:
    """Arguments as JSON; a text may be JSON once more, which the call's repair looks at."""
    return value if isinstance(value, str) else json.dumps({} if value is None else value, ensure_ascii=False)
