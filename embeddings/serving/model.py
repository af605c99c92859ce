"""Protocol of a model in the embedder: the space of its vectors, and making them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from embeddings.vectors import Kind, Space


class Made(NamedTuple):
    """Vectors as bytes, with the tokens of each text, and the indexes of the texts whose end was cut off."""

    data: bytes
    tokens: list[int]
    cut: list[int]


class Model(Protocol):
    """One model. All of it runs in the embedder's event loop."""

    @property
    def waiting(self) -> int:
        """Return the number of texts that are waiting."""

    @property
    def is_awake(self) -> bool:
        """Tell whether the model is in memory."""

    def makes(self, space: str | None) -> bool:
        """Tell whether it makes the vectors of that space; None asks whether it makes any."""

    async def space(self) -> Space:
        """Return the space of its vectors. Raises CannotEmbed if that is not known yet and cannot be found out."""

    async def vectors(self, texts: Sequence[str], kind: Kind) -> Made:
        """Make the vectors. Raises CannotEmbed."""
