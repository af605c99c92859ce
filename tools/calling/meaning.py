"""Similarity of tools to some words by meaning, in any language, if the embedder answers at once.

No answer waits for it: a sleeping embedder is woken in the background, and meanwhile tools are found by words alone.
"""

import asyncio
import hashlib
from collections.abc import Sequence

import embeddings
from embeddings import Vectors, cosine
from tools.specs import ToolSpec

AT_MOST = 0.05  # seconds that a search waits
IN_BACKGROUND = 60.0
MOST_KEPT = 4096  # descriptions, with 1.5 KB each
MOST_ASKED = 8

Vector = Sequence[float]


class Meanings:
    """The vectors of tools' descriptions in this process, by the hash of the description; all of one space."""

    def __init__(self) -> None:
        self._space = ""
        self._known: dict[bytes, Vector] = {}
        self._asked: set[asyncio.Task[list[float]]] = set()

    async def nearness(self, specs: Sequence[ToolSpec], words: str) -> list[float] | None:
        """Return the cosine of each tool and the words; None if the embedder does not answer at once."""
        self._asked = {task for task in self._asked if not task.done() and task.get_loop() is asyncio.get_running_loop()}
        if not specs or len(self._asked) >= MOST_ASKED:
            return None
        asking = asyncio.create_task(self._ask(specs, words))
        self._asked.add(asking)
        asking.add_done_callback(_heard)
        await asyncio.wait({asking}, timeout=AT_MOST)
        return None if not asking.done() or asking.exception() else asking.result()

    async def _ask(self, specs: Sequence[ToolSpec], words: str) -> list[float]:
        async with asyncio.timeout(IN_BACKGROUND):
            asked = await embeddings.embed([words], "query")
            described = await self._described(specs, asked)
        return await asyncio.to_thread(lambda: [cosine(asked[0], vector) for vector in described])

    async def _described(self, specs: Sequence[ToolSpec], asked: Vectors) -> list[Vector]:
        """Return the vectors of the tools, embedding only new descriptions."""
        if self._space != asked.space.name or len(self._known) > MOST_KEPT:
            self._space, self._known = asked.space.name, {}
        known, told = self._known, [_told(spec) for spec in specs]
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in told]
        new = {key: text for key, text in zip(keys, told, strict=True) if key not in known}
        if new:
            made = await embeddings.embed(list(new.values()), "passage", self._space)
            known.update(zip(new, made, strict=True))
        return [known[key] for key in keys]


def _told(spec: ToolSpec) -> str:
    return " ".join((f"{spec.title or spec.name}.", spec.description, *(example.question for example in spec.examples)))


def _heard(task: "asyncio.Task[list[float]]") -> None:
    """Retrieve a task's failure, which asyncio would log otherwise: the search goes on without it."""
    if not task.cancelled():
        task.exception()


_meanings = Meanings()
nearness = _meanings.nearness
