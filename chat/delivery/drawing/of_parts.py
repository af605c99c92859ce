"""The pieces of a stored answer. Pure."""

from collections.abc import Iterable

from chat import parts
from chat.delivery.drawing.pieces import Artifact, Attachment, Call, Calls, Component, Piece, Pieces, Sources
from chat.parts import AnyPart


def pieces_of(stored: Iterable[AnyPart]) -> list[Piece]:
    """Return the pieces that these parts are."""
    made = _Made()
    for part in stored:
        made.take(part)
    made.pieces.end()
    return made.pieces.all


class _Made:
    """The pieces so far, and those that the next part may still join."""

    def __init__(self) -> None:
        self.pieces = Pieces()
        self._calls: Calls | None = None  # of the step whose results did not come yet
        self._sources: Sources | None = None

    def take(self, part: AnyPart) -> None:
        match part:
            case parts.Text(text=text):
                self.pieces.say("text", text)
            case parts.Reasoning(text=text, seconds=seconds):
                if text:
                    self.pieces.say("reasoning", text, seconds=seconds)
            case parts.ToolCall():
                self._call(part)
            case parts.ToolResult():
                self._result(part)
            case parts.Citation():
                self._cite(part)
            case _:
                self.pieces.add(_shown(part))
        if not isinstance(part, parts.ToolCall):
            self._calls = None
        if not isinstance(part, parts.Citation):
            self._sources = None

    def _call(self, part: parts.ToolCall) -> None:
        call = Call(part.call, part.name, part.title, part.arguments, part.repaired)
        if self._calls is None:
            self._calls = Calls([])
        self._calls.calls.append(call)
        if len(self._calls.calls) == 1:
            self.pieces.add(self._calls)
        self.pieces.place(call, self._calls)

    def _result(self, part: parts.ToolResult) -> None:
        if call := self.pieces.call(part.call):
            call.state, call.text, call.seconds = part.outcome, part.text, part.seconds

    def _cite(self, part: parts.Citation) -> None:
        if self._sources is None:
            self._sources = Sources([])
            self.pieces.add(self._sources)
        self._sources.sources.append((part.title or part.source, part.source))


def _shown(part: parts.UIBlock | parts.Artifact | parts.Image | parts.File) -> Piece:
    match part:
        case parts.UIBlock():
            return Component(part.component, part.block)
        case parts.Artifact():
            return Artifact(part.artifact, part.version, part.name)
    return Attachment(part.name, part.media_type)
