"""The HTML of an answer, while its events pass by on their way to a client that asked for it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec

from chat import events
from chat.delivery.drawing import html, of_frames
from chat.delivery.drawing.pieces import Piece, Pieces, Words
from chat.log.lines import Line
from chat.markdown.live import Block, LiveMarkdown


class Drawn(msgspec.Struct, frozen=True):
    """A piece of the answer that is not text, whole: it begins with the event of this number, and may come again."""

    piece: int
    html: str


class Rendering:
    """One client's view of one run. It must see the run's events from the first on."""

    def __init__(self) -> None:
        self._pieces = Pieces(keeps_words=False)
        self._text: Words | None = None  # the piece of text that goes on
        self._markdown = LiveMarkdown()  # of the last piece of text
        self._step = self._markdown  # of the last one before the present step
        self._changes: dict[tuple[str, int], Block | Drawn] = {}

    async def changes_of(self, lines: list[Line]) -> list[Block | Drawn]:
        """Return what these events change of the HTML, each piece and each block once."""
        self._changes = {}
        for line in lines:
            await self._take(events.decode(line.frame))
            await asyncio.sleep(0)  # a replay brings a whole answer's lines: the other clients come in between
        return list(self._changes.values())

    async def _take(self, frame: events.AnyFrame) -> None:
        self._draw(of_frames.take(self._pieces, frame))
        if isinstance(frame, events.EventFrame) and events.is_rethought(frame.event):
            self._rethink()
        elif self._pieces.open_text is not self._text:
            await self._turn_page()
        match frame:
            case events.ChunkFrame(chunk=events.Chunk(type="text", data=str(text))):
                self._put(self._markdown.feed(text))
            case events.EventFrame(event=events.ProcessEvent(type="process_start")):
                self._step = self._markdown
            case events.Complete() | events.ErrorFrame():
                await self._finish()

    def _draw(self, pieces: Sequence[Piece]) -> None:
        self._changes |= {("piece", piece.number): Drawn(piece.number, html.draw(piece)) for piece in pieces}

    def _put(self, blocks: list[Block]) -> None:
        self._changes |= {("block", block.index): block for block in blocks}

    def _rethink(self) -> None:
        """The text of this step begins anew."""
        self._markdown, self._text = self._step, None
        stale = [key for key in self._changes if key[0] == "block" and key[1] >= self._markdown.index]
        for key in stale:
            del self._changes[key]

    async def _turn_page(self) -> None:
        """Finish a piece of text, and begin the next one."""
        if self._text:
            await self._finish()
        self._text = self._pieces.open_text
        if self._text:
            self._markdown = self._markdown.next_piece(self._text.number)

    async def _finish(self) -> None:
        # What is left of a whole answer that came at once may take half a second.
        self._put(await asyncio.to_thread(self._markdown.finish))


def render_frame(run_id: UUID, change: Block | Drawn) -> bytes:
    """A change as the wires carry it (docs/protocol.md)."""
    named = {"block": change} if isinstance(change, Block) else {"piece": change}
    return msgspec.json.encode({"run_id": str(run_id), "status": "render"} | named)
