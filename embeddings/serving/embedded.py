"""The embedded model in the embedder: loaded by the first question, run in one thread, one batch at a time."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from embeddings.e5.identity import DIMENSIONS, SPACE
from embeddings.serving.model import Made
from embeddings.serving.turns import Turns
from embeddings.vectors import FLOAT_BYTES, Kind, Space

if TYPE_CHECKING:
    from embeddings.e5.engine import Engine
    from embeddings.e5.tokens import Tokens

BATCH_TOKENS = 512  # with padding; larger batches are slower, as they do not fit into the processor's caches
VECTOR_BYTES = DIMENSIONS * FLOAT_BYTES

P = ParamSpec("P")
T = TypeVar("T")


class EmbeddedModel:
    """See `Model`. The library and the weights are loaded with the first question, and stay until the process ends."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder, self._threads = folder, threads
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        self._turns = Turns()
        self._engine: Engine | None = None

    @property
    def waiting(self) -> int:
        """See `Model`."""
        return self._turns.waiting

    @property
    def is_awake(self) -> bool:
        """See `Model`."""
        return self._engine is not None

    def makes(self, space: str | None) -> bool:
        """See `Model`."""
        return space in {None, SPACE.name}

    async def space(self) -> Space:
        """See `Model`."""
        return SPACE

    async def vectors(self, texts: Sequence[str], kind: Kind) -> Made:
        """See `Model`."""
        work = _Work(self, texts, kind)
        await self._turns.done(kind, work)
        return work.made()

    async def in_thread(self, work: "Callable[[Engine], T]") -> T:
        """Do a piece of work with the engine, in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(self._loaded()))

    def _loaded(self) -> "Engine":
        if self._engine is None:
            self._engine = import_module("embeddings.e5.engine").Engine(self._folder, self._threads)
        return self._engine


class _Work:
    """The texts of one request: first their tokens are made, then each step computes a batch of texts of similar length."""

    def __init__(self, model: EmbeddedModel, texts: Sequence[str], kind: Kind) -> None:
        self._model, self._texts, self._kind = model, texts, kind
        self._tokens: list[Tokens] | None = None
        self._left: list[int] = []
        self._vectors = [b""] * len(texts)

    @property
    def size(self) -> int:
        return len(self._texts)

    async def step(self) -> bool:
        await self._model.in_thread(self._step)
        return not self._left

    def made(self) -> Made:
        tokens = self._tokens or []
        cut = [at for at, each in enumerate(tokens) if each.is_cut]
        return Made(b"".join(self._vectors), [len(each.ids) for each in tokens], cut)

    def _step(self, engine: "Engine") -> None:
        if self._tokens is None:
            tokens = self._tokens = engine.tokens(self._texts, self._kind)
            self._left = sorted(range(len(tokens)), key=lambda at: len(tokens[at].ids))
            if self._kind == "passage" and len(tokens) > 1:
                return  # a query may be waiting
        self._compute(engine, self._tokens)

    def _compute(self, engine: "Engine", tokens: "list[Tokens]") -> None:
        batch = [self._left.pop()]  # the longest text that is left, and others that fit beside it
        width = len(tokens[batch[0]].ids)
        while self._left and width * (len(batch) + 1) <= BATCH_TOKENS:
            batch.append(self._left.pop())
        made = engine.vectors([tokens[at] for at in batch]).tobytes()
        for row, at in enumerate(batch):
            self._vectors[at] = made[row * VECTOR_BYTES :][:VECTOR_BYTES]
