"""Artifacts of a conversation's answers, as the panel beside it lists it: the latest first, each with its versions."""

import mimetypes
from collections.abc import Iterator
from typing import NamedTuple

from chat.delivery.drawing.of_parts import pieces_of
from chat.delivery.drawing.pieces import Artifact
from chat.models import Conversation, Run
from chat.pages import thread

TEXTS = {"application/json", "application/xml", "application/javascript", "application/x-sh", "application/sql"}


class Made(NamedTuple):
    """An artifact: its newest name, its versions from the newest on, and how it can be shown."""

    id: str
    name: str
    versions: list[int]
    kind: str


def artifacts(conversation: Conversation) -> list[Made]:
    """All of them, those of an answer in the making too."""
    versions: dict[str, dict[int, str]] = {}
    for one in _every(conversation):
        versions.setdefault(one.artifact, {})[one.version] = one.name
    made = [_made(identity, named) for identity, named in versions.items()]
    return made[::-1]


def _made(identity: str, named: dict[int, str]) -> Made:
    newest = max(named)
    return Made(identity, named[newest], sorted(named, reverse=True), _kind(named[newest]))


def _every(conversation: Conversation) -> Iterator[Artifact]:
    for message in thread.branch_of(conversation):
        yield from (piece for piece in pieces_of(message.parts) if isinstance(piece, Artifact))
    for run in conversation.runs.filter(status__in=Run.OPEN):
        yield from (piece for piece in thread.made_by(run) if isinstance(piece, Artifact))


def _kind(name: str) -> str:
    """The way to show a file of this name: as an image, a table, text, or not at all."""
    guessed = mimetypes.guess_type(name)[0] or ""
    if guessed.startswith("image/") and guessed != "image/svg+xml":
        return "image"
    if guessed in {"text/csv", "text/tab-separated-values"}:
        return "table"
    return "text" if guessed.startswith("text/") or guessed in TEXTS else "file"
