"""Pages that tools show inside an answer: found in what is stored of the answer, or in the log of its active run."""

from chat.delivery.drawing.components.blocks import Html, read
from chat.delivery.drawing.of_parts import pieces_of
from chat.delivery.drawing.pieces import Component, Piece
from chat.models import Message, Run
from chat.pages.thread import made_by


def page_of(message: Message, component: str) -> str | None:
    """The HTML of a component of this answer; None if it has none."""
    active = message.runs.filter(status__in=Run.OPEN).first()
    for pieces in (made_by(active) if active else [], pieces_of(message.parts)):
        if found := _named(pieces, component):
            block = read(found.block)
            return block.html if isinstance(block, Html) else None
    return None


def _named(pieces: list[Piece], component: str) -> Component | None:
    shown = (piece for piece in pieces if isinstance(piece, Component))
    return next((piece for piece in shown if piece.component == component), None)
