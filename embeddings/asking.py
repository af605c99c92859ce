"""Client of the embedder, for any process. It loads no model into the process that calls it."""

import asyncio
from collections.abc import Sequence

from asgiref.sync import async_to_sync
from django.conf import settings

from embeddings import errors, framing
from embeddings.errors import CannotEmbed, EmbedderDown, TooSlow
from embeddings.framing import MOST_TEXTS, AskState, Embed, Embedded, Failed, State
from embeddings.texts import taken
from embeddings.vectors import Kind, Space, Vectors

WITHIN = 60.0  # seconds, for each piece of at most MOST_TEXTS texts
STATE_WITHIN = 2.0
DOWN = "Texts cannot be embedded now, because the embedder is not running. It starts with Galaxy; see logs/embedder.log."
SLOW = "The texts were not embedded in time. Try again in a moment."


async def embed(texts: Sequence[str], kind: Kind, space: str | None = None, *, within: float = WITHIN) -> Vectors:
    """Return the vectors of these texts: `kind` is `query` for a text to search with, `passage` for a text to be found.

    `space` names the space of the vectors that they will be compared with; None takes that of the settings. Every text gets a
    vector: if a text is too long for the model, its beginning is embedded, and `cut` lists it. `within` limits the seconds for
    each piece of MOST_TEXTS texts. Cancelling the call cancels the request. Raises CannotEmbed.
    """
    pieces = []
    for at in range(0, len(texts) or 1, MOST_TEXTS):
        pieces.append(await _piece(texts[at : at + MOST_TEXTS], kind, space, within))
        space = pieces[0].space.name  # for all pieces, even if the settings change meanwhile
    return _joined(pieces)


def embed_and_wait(texts: Sequence[str], kind: Kind, space: str | None = None, *, within: float = WITHIN) -> Vectors:
    """Do the same for code that is not async, as in a task of the worker."""
    return async_to_sync(embed)(texts, kind, space, within=within)


async def space_of(name: str | None = None) -> Space:
    """Return the space of this name, or that of the settings. Raises CannotEmbed if its vectors cannot be made."""
    return (await embed([], "query", name)).space


async def state(socket: str = "") -> State:
    """Return the state of the embedder, without waking it. Raises CannotEmbed if it does not answer."""
    answer = await _answer(AskState(), STATE_WITHIN, socket)
    if not isinstance(answer, State):
        raise CannotEmbed(DOWN)
    return answer


async def _piece(texts: Sequence[str], kind: Kind, space: str | None, within: float) -> Vectors:
    sent = [taken(text) for text in texts]
    answer = await _answer(Embed([text for text, _ in sent], kind, space), within)
    if not isinstance(answer, Embedded):
        raise CannotEmbed(DOWN)
    cut = {at for at, (_, is_cut) in enumerate(sent) if is_cut} | set(answer.cut)
    return Vectors(answer.space, answer.data, tuple(answer.tokens), tuple(sorted(cut)))


def _joined(pieces: list[Vectors]) -> Vectors:
    if len(pieces) == 1:
        return pieces[0]
    tokens = tuple(count for piece in pieces for count in piece.tokens)
    cut = tuple(number * MOST_TEXTS + at for number, piece in enumerate(pieces) for at in piece.cut)
    return Vectors(pieces[0].space, b"".join(piece.data for piece in pieces), tokens, cut)


async def _answer(question: framing.Question, within: float, socket: str = "") -> framing.Answer:
    """Ask once, and again if the embedder ended meanwhile: an idle one replaces itself by a fresh process."""
    try:
        async with asyncio.timeout(within):
            try:
                answer = await _ask(question, socket)
            except (ConnectionError, asyncio.IncompleteReadError):
                answer = await _ask(question, socket)
    except TimeoutError as error:
        raise TooSlow(SLOW) from error
    except (OSError, EOFError) as error:
        raise EmbedderDown(DOWN) from error
    if isinstance(answer, Failed):
        raise errors.BY_NAME.get(answer.error, CannotEmbed)(answer.message)
    return answer


async def _ask(question: framing.Question, socket: str) -> framing.Answer:
    reader, writer = await asyncio.open_unix_connection(socket or settings.EMBEDDER_SOCKET)
    try:
        writer.write(framing.frame(question))
        await writer.drain()
        return await framing.answer(reader)
    finally:
        writer.close()
