"""A provider's embedding model in the embedder, called through LiteLLM, which is loaded with the first request."""

import asyncio
import math
from array import array
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import msgspec

from embeddings.errors import EmbedderBusy, ProviderRefused, UnknownSpace
from embeddings.serving.model import Made
from embeddings.serving.turns import BUSY, MOST_WAITING
from embeddings.vectors import Kind, Space

AT_ONCE = 4
WIRE = "embeddings.serving.litellm_wire"
PROBE = "Hello"
OTHER_SIZE = "“{}” gives {} dimensions. Set EMBEDDING_DIMENSIONS to that, or to 0."
NO_VECTORS = "“{}” gave no usable vectors. Name an embedding model in EMBEDDING_MODEL: a chat model cannot embed."


class Given(msgspec.Struct, frozen=True):
    """Everything that a provider is called with. `name` is the model's name for people, `model` its name for LiteLLM."""

    name: str
    model: str
    api_base: str = ""
    api_key: str = ""
    dimensions: int = 0
    prefixes: dict[Kind, str] = {}

    def __repr__(self) -> str:
        return f"Given({self.name!r})"  # never the key


class ProviderModel:
    """See `Model`. How many dimensions its vectors have is known from its first answer."""

    def __init__(self, given: Given) -> None:
        self._given, self._space = given, None if not given.dimensions else self._named(given.dimensions, given)
        self._wire: Any = None
        self._places: dict[Kind, asyncio.Semaphore] = {kind: asyncio.Semaphore(AT_ONCE) for kind in MOST_WAITING}
        self._sizes = dict.fromkeys(MOST_WAITING, 0)

    @staticmethod
    def _named(dimensions: int, given: Given) -> Space:
        return Space(f"{given.name}/{dimensions}", dimensions)

    @property
    def waiting(self) -> int:
        """See `Model`."""
        return sum(self._sizes.values())

    @property
    def is_awake(self) -> bool:
        """See `Model`. It counts as in memory when LiteLLM is, which is large, too."""
        return self._wire is not None

    def makes(self, space: str | None) -> bool:
        """See `Model`. The dimensions are compared when they are known."""
        return space is None or space.rpartition("/")[0] == self._given.name

    async def space(self) -> Space:
        """See `Model`."""
        if self._space is None:
            await self.vectors([PROBE], "query")
        assert self._space is not None  # noqa: S101  an answer without vectors raises
        return self._space

    async def vectors(self, texts: Sequence[str], kind: Kind) -> Made:
        """See `Model`."""
        if self._sizes[kind] + len(texts) > MOST_WAITING[kind]:
            raise EmbedderBusy(BUSY)
        self._sizes[kind] += len(texts)
        try:
            async with self._places[kind]:
                return await self._ask(texts, kind)
        finally:
            self._sizes[kind] -= len(texts)

    async def _ask(self, texts: Sequence[str], kind: Kind) -> Made:
        if self._wire is None:
            self._wire = await asyncio.to_thread(import_module, WIRE)
        prefix = self._given.prefixes.get(kind, "")
        # Providers refuse an empty text; a full stop stands for it.
        asked = [f"{prefix}{text}".strip() or "." for text in texts]
        rows, tokens = await self._wire.embedded(self._given, asked, kind)
        return Made(self._packed(rows, len(texts)), _shared(tokens, asked), [])

    def _packed(self, rows: list[list[float]], count: int) -> bytes:
        sizes = {len(row) for row in rows}
        if len(rows) != count or len(sizes) != 1 or not all(sizes):
            raise ProviderRefused(NO_VECTORS.format(self._given.name))
        (dimensions,) = sizes
        space = self._named(dimensions, self._given)
        if self._given.dimensions not in {0, dimensions}:
            raise ProviderRefused(OTHER_SIZE.format(self._given.name, dimensions))
        if self._space not in {None, space}:
            raise UnknownSpace(
                f"“{self._given.name}” gives {dimensions} dimensions now: its vectors cannot be compared with earlier ones."
            )
        packed = b"".join(map(self._unit, rows))
        self._space = space
        return packed

    def _unit(self, row: list[float]) -> bytes:
        """Scale a vector to length 1."""
        length = math.hypot(*row)
        if not length or not math.isfinite(length):
            raise ProviderRefused(NO_VECTORS.format(self._given.name))
        return array("f", [value / length for value in row]).tobytes()


def _shared(tokens: int, texts: Sequence[str]) -> list[int]:
    """Share out the tokens that a provider counts for all texts, by their length; nothing is lost in rounding."""
    total, given, shares = sum(map(len, texts)), 0, []
    so_far = 0
    for text in texts:
        so_far += len(text)
        upto = round(tokens * so_far / total)
        shares.append(upto - given)
        given = upto
    return shares
