"""The HTML of an answer's pieces. The templates escape the words of models and tools; `chat.markdown` makes Markdown safe."""

import mimetypes
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.template.loader import render_to_string

from chat.delivery.drawing.arguments import brief_of, fields_of
from chat.delivery.drawing.components import draw as components
from chat.delivery.drawing.pieces import Artifact, Attachment, Call, Calls, Component, Piece, Sources, Words
from chat.markdown import whole

MOST_RESULT = 2_000  # characters of a result; a page has no more of it while the run lives
MINUTE = 60
LEAST, ROUNDED = 0.1, 10  # seconds


class State(NamedTuple):
    """A state of a call, in words: its name, an icon and a colour by its meaning, and what follows from it."""

    name: str
    icon: str
    look: str = ""
    hint: str = ""


STATES = {
    "running": State("Running", "loader-circle", "accent"),
    "waiting": State("Waiting", "clock", "warn", "It is waiting for a decision and has not run yet."),
    "succeeded": State("Done", "check", "ok"),
    "failed": State("Failed", "x", "danger"),
    "denied": State("Denied", "x", "", "It was not allowed, and did not run."),
    "expired": State("Expired", "clock", "warn", "No one decided in time, and it did not run."),
    "cancelled": State("Cancelled", "square", "", "It was cancelled."),
    "unknown": State(
        "Unknown", "circle-alert", "warn", "It is not known whether this happened. Check before you ask for it again."
    ),
}
OPEN = frozenset({"failed", "unknown"})


def draw_all(answers: Sequence[Sequence[Piece]]) -> list[str]:
    """The HTML of whole answers."""
    texts = [piece.text for pieces in answers for piece in pieces if isinstance(piece, Words) and piece.kind == "text"]
    drawn = iter(whole.render_all(texts))
    return ["".join(_drawn(piece, next(drawn) if is_text(piece) else "") for piece in pieces) for pieces in answers]


def is_text(piece: Piece) -> bool:
    """Tell whether it is Markdown."""
    return isinstance(piece, Words) and piece.kind == "text"


def draw(piece: Piece) -> str:
    """The HTML of a piece that is not Markdown."""
    match piece:
        case Words():
            return _render("thoughts", piece=piece) if piece.text.strip() else ""
        case Calls():
            return _render("calls", piece=piece, calls=[_call(call) for call in piece.calls])
        case Component():
            return components.draw(piece.component, piece.block, piece.number)
        case Artifact():
            return _render("artifact", piece=piece, is_image=_kind_of(piece.name) == "image")
        case Attachment():
            return _render("attachment", piece=piece)
        case Sources():
            return _render("sources", piece=piece)


def _drawn(piece: Piece, prose: str) -> str:
    if is_text(piece):
        return _render("prose", piece=piece, html=prose) if prose else ""
    return draw(piece)


def _render(name: str, **context: Any) -> str:
    return render_to_string(f"chat/answer/_{name}.html", context).strip()


def _call(call: Call) -> dict[str, Any]:
    text = call.text[:MOST_RESULT]
    return {
        "call": call,
        "title": call.title or call.name,
        "brief": brief_of(call.arguments),
        "fields": fields_of(call.arguments),
        "state": STATES.get(call.state, STATES["unknown"]),
        "is_open": call.state in OPEN,
        "took": "" if call.seconds is None else span(call.seconds),
        "result": text,
        "is_cut": len(text) == MOST_RESULT,
    }


def span(seconds: float) -> str:
    """Seconds as people read them: 30 ms, 0.8 s, 12 s, 2:05."""
    if seconds < LEAST:
        return f"{seconds * 1000:.0f} ms"
    if seconds < ROUNDED:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 100 else f"{int(seconds) // MINUTE}:{int(seconds) % MINUTE:02d}"  # noqa: PLR2004


def _kind_of(name: str) -> str:
    return (mimetypes.guess_type(name)[0] or "").partition("/")[0]
