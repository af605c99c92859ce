"""The embedder's socket: it answers requests until it is told to end, or has had none for a while."""

import asyncio
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from embeddings import framing
from embeddings.errors import CannotEmbed, ModelMissing, ProviderRefused, UnknownSpace
from embeddings.framing import AskState, Embed, Embedded, Failed, State
from embeddings.serving.model import Made, Model

BACKLOG = 256
ASKED_WITHIN = 30.0
NOTHING = Made(b"", [], [])
NO_QUESTION = "The embedder does not know this request. Restart Galaxy: its processes are of different versions."
OTHER_SPACE = (
    "Vectors of “{}” cannot be made any more: their model is no longer set up. "
    "Set EMBEDDING_MODEL to it again, or embed the texts again."
)


def listen(path: Path) -> socket.socket:
    """Open the socket, which only the user of this process may use."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(draft))
    draft.chmod(0o600)
    listener.listen(BACKLOG)
    draft.replace(path)  # it never exists without its mode, or without a listener
    return listener


class Server:
    """Answers requests with some models, the first of which is that of the settings."""

    def __init__(self, models: Sequence[Model], name: str) -> None:
        self._models, self._name = models, name
        self._clients: set[asyncio.Task[None]] = set()
        self._asked_at = time.monotonic()
        self._problem = ""

    async def until_idle(self, listener: socket.socket, seconds: float) -> None:
        """Serve until a loaded model has had no request for so long. Clients that come then wait in the socket."""
        while True:
            server = await asyncio.start_unix_server(self._meet, sock=listener.dup())
            while (left := self._left(seconds)) > 0:  # noqa: ASYNC110  no event tells that nothing happened
                await asyncio.sleep(left)
            server.close()
            await asyncio.sleep(0)  # a client accepted meanwhile is served
            if self._left(seconds) <= 0:
                return

    def _left(self, seconds: float) -> float:
        """Return the seconds until it is idle, if no request comes."""
        if self._clients or not any(model.is_awake for model in self._models):
            return seconds
        return self._asked_at + seconds - time.monotonic()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  asyncio runs this in one
        self._clients.add(task)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            self._clients.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question, or cancel it when the client hangs up."""
        try:
            async with asyncio.timeout(ASKED_WITHIN):  # TimeoutError is an OSError
                question = await framing.question(reader)
        except (ValueError, msgspec.MsgspecError):
            answer: framing.Answer = Failed(CannotEmbed.__name__, NO_QUESTION)
        else:
            answer = await self._answer_unless_gone(question, reader)
        writer.write(framing.frame(answer))
        await writer.drain()

    async def _answer_unless_gone(self, question: framing.Question, reader: asyncio.StreamReader) -> framing.Answer:
        answering = asyncio.create_task(self._answer(question))
        leaving = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise ConnectionAbortedError
            return answering.result()
        finally:
            answering.cancel()
            leaving.cancel()

    async def _answer(self, question: framing.Question) -> framing.Answer:
        if isinstance(question, AskState):
            return State(
                awake=any(model.is_awake for model in self._models),
                waiting=sum(model.waiting for model in self._models),
                model=self._name,
                problem=self._problem,
            )
        try:
            answer = await self._embed(question)
        except CannotEmbed as error:
            if isinstance(error, (ModelMissing, ProviderRefused)):
                self._problem = str(error)
            return Failed(type(error).__name__, str(error))
        self._problem = ""
        return answer

    async def _embed(self, question: Embed) -> Embedded:
        model = next((model for model in self._models if model.makes(question.space)), None)
        if model is None:
            raise UnknownSpace(OTHER_SPACE.format(question.space))
        self._asked_at = time.monotonic()
        try:
            if question.space and question.space != (await model.space()).name:
                raise UnknownSpace(OTHER_SPACE.format(question.space))
            made = await model.vectors(question.texts, question.kind) if question.texts else NOTHING
        finally:
            self._asked_at = time.monotonic()
        return Embedded(await model.space(), made.data, made.tokens, made.cut)
