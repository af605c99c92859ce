"""A model as the embedder's socket sees it: whose vectors it makes, and making them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from embeddings.vectors import Kind, Space


class Made(NamedTuple):
    """Vectors as bytes, with the tokens of each text, and the places of those whose end was left out."""

    data: bytes
    tokens: list[int]
    cut: list[int]


class Model(Protocol):
    """One model. All of it runs in the embedder's event loop."""

    @property
    def waiting(self) -> int:
        """Return the number of texts that wait."""

    @property
    def is_awake(self) -> bool:
        """Tell whether it is in memory."""

    def makes(self, space: str | None) -> bool:
        """Tell whether vectors of that space are its own; None asks whether it makes any."""

    async def space(self) -> Space:
        """Return the space of its vectors. Raises CannotEmbed where that is not known yet and cannot be found out."""

    async def vectors(self, texts: Sequence[str], kind: Kind) -> Made:
        """Make the vectors. Raises CannotEmbed."""
