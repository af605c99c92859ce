"""The messages of a request as turns: images in their places, and results beside their calls."""

import base64
import binascii
import hashlib
import json
import re
import string
from collections.abc import Iterator
from typing import Literal, TypeVar

import msgspec

from chat.doors.openai.errors import Refused, bad
from chat.parts import AnyPart, Image, Text, ToolCall, ToolResult
from chat.providers.base import Turn
from chat.runs.loop.calls import ID_LENGTH, NOT_JSON

T = TypeVar("T")
Role = Literal["system", "user", "assistant"]
BREAK = Text("\n\n")
ALPHABET = string.ascii_letters + string.digits
OURS = re.compile(rf"[a-zA-Z0-9]{{{ID_LENGTH}}}")
MOST_IMAGES = 20
MOST_PIECES = 20_000  # 20 MB could hold a million: each is an object in three processes
DATA_URL = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,", re.IGNORECASE)
NOT_AN_IMAGE = "Send an image as a data URL: data:image/png;base64,… (png, jpeg, gif or webp). Other URLs are not fetched."


class TextContent(msgspec.Struct, tag="text"):
    """Words."""

    text: str


class RefusalContent(msgspec.Struct, tag="refusal"):
    """Words by which a model refused."""

    refusal: str


class ImageUrl(msgspec.Struct):
    """Address of an image."""

    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImageContent(msgspec.Struct, tag="image_url"):
    """An image."""

    image_url: ImageUrl


Words = str | list[TextContent | RefusalContent] | None


class System(msgspec.Struct, tag_field="role", tag="system"):
    """Rules."""

    content: Words


class Developer(msgspec.Struct, tag_field="role", tag="developer"):
    """Rules, by the name that newer clients use."""

    content: Words


class User(msgspec.Struct, tag_field="role", tag="user"):
    """A person's words and images."""

    content: str | list[TextContent | ImageContent]


class Called(msgspec.Struct):
    """The function of a call."""

    name: str
    arguments: str = "{}"


class Call(msgspec.Struct):
    """A call by the model."""

    id: str
    function: Called
    type: Literal["function"] = "function"


class Assistant(msgspec.Struct, tag_field="role", tag="assistant"):
    """A model's words and calls."""

    content: Words = None
    refusal: str | None = None
    tool_calls: list[Call] | None = None


class Tool(msgspec.Struct, tag_field="role", tag="tool"):
    """The result of a call."""

    tool_call_id: str
    content: Words


Message = System | Developer | User | Assistant | Tool


def turns_of(messages: list[Message]) -> tuple[Turn, ...]:
    """Return the turns. Raises Refused for a history that no provider accepts."""
    if not messages:
        raise bad("`messages` is empty. Send at least one message.", "messages")
    if sum(map(_pieces, messages)) > MOST_PIECES:
        raise bad(f"There are more than {MOST_PIECES:,} messages, parts and calls of tools.", "messages")
    history = _History()
    for place, message in enumerate(messages):
        history.add(message, f"messages[{place}]")
    history.close("messages")
    return tuple(Turn(role, tuple(said)) for role, said in history.turns)


class _History:
    def __init__(self) -> None:
        self.turns: list[tuple[Role, list[AnyPart]]] = []
        self._open: dict[str, str] = {}  # the calls without a result: the client's id, and the id that they have here
        self._used: set[str] = set()
        self._images = 0

    def add(self, message: Message, place: str) -> None:
        """Add the next message."""
        if isinstance(message, Tool):
            self._answer([self._result(message, place)])
            return
        self.close(place)
        match message:
            case System() | Developer():
                self.turns.append(("system", [Text(_words(message.content))]))
            case User():
                self.turns.append(("user", list(self._shown(message.content, place))))
            case Assistant():
                self._answer([*_said(message), *(self._called(call) for call in message.tool_calls or ())])

    def close(self, place: str) -> None:
        """Finish the results before something else follows. Raises Refused if calls have no result."""
        if self._open:
            ids = ", ".join(self._open)
            raise bad(f"An assistant message with tool_calls must be followed by a tool message for each: {ids}.", place)

    def _answer(self, more: list[AnyPart]) -> None:
        """Add to the model's turn: its words, calls and their results are one."""
        last = self.turns[-1] if self.turns else None
        if last is None or last[0] != "assistant" or not last[1]:
            self.turns.append(("assistant", more))
            return
        said = last[1]
        if more and isinstance(more[0], Text) and isinstance(said[-1], Text):
            said.append(BREAK)
        said += more

    def _called(self, call: Call) -> ToolCall:
        here = call.id if OURS.fullmatch(call.id) and call.id not in self._used else _derived(f"{len(self._used)} {call.id}")
        self._used.add(here)
        self._open[call.id] = here
        return ToolCall(here, call.function.name, _arguments(call.function.arguments))

    def _result(self, message: Tool, place: str) -> ToolResult:
        here = self._open.pop(message.tool_call_id, None)
        if here is None:
            raise bad("A tool message must follow the assistant message that has its call.", f"{place}.tool_call_id")
        return ToolResult(here, "succeeded", _words(message.content))

    def _shown(self, content: str | list[TextContent | ImageContent], place: str) -> Iterator[AnyPart]:
        for number, part in enumerate([TextContent(content)] if isinstance(content, str) else content):
            if isinstance(part, TextContent):
                yield Text(part.text)
                continue
            self._images += 1
            yield _image(part.image_url, self._images, f"{place}.content[{number}].image_url.url")


def _pieces(message: Message) -> int:
    """The number of messages, parts and calls that a message is."""
    content, calls = message.content, message.tool_calls if isinstance(message, Assistant) else None
    return 1 + (len(content) if isinstance(content, list) else 0) + len(calls or ())


def _words(content: Words) -> str:
    if not isinstance(content, list):
        return content or ""
    return "".join(part.text if isinstance(part, TextContent) else part.refusal for part in content)


def _said(message: Assistant) -> list[AnyPart]:
    words = _words(message.content) or message.refusal
    return [Text(words)] if words else []


def _image(image: ImageUrl, count: int, place: str) -> Image:
    head = DATA_URL.match(image.url)
    if head is None:
        raise bad(NOT_AN_IMAGE, place)
    if count > MOST_IMAGES:
        raise bad(f"There are more than {MOST_IMAGES} images.", place)
    try:
        content = base64.b64decode(image.url[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _broken(place) from error
    if not content:
        raise _broken(place)
    return Image(hashlib.sha256(content).hexdigest(), head.group(1).lower(), url=image.url, detail=image.detail or "")


def _broken(place: str) -> Refused:
    return bad("The image is not valid base64.", place)


def _arguments(text: str) -> str:
    """Return the arguments as JSON of an object: a provider would refuse malformed ones with every later request."""
    try:
        is_whole = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        is_whole = False
    return text if is_whole else "{}" if not text.strip() else json.dumps({NOT_JSON: text})


def _derived(text: str) -> str:
    """Return an id that all providers accept, the same for the same text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    letters = []
    for _ in range(ID_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)
