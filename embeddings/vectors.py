"""Vectors as plain bytes, which need no numerical library, and the space that they belong to."""

import operator
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

Kind = Literal["query", "passage"]
FLOAT_BYTES = 4


class Space(msgspec.Struct, frozen=True):
    """Everything that makes vectors comparable: the model, its version and the dimensions, all of which are in the name.

    Vectors of different spaces cannot be compared, even if they have the same number of dimensions.
    """

    name: str
    dimensions: int


class Vectors(msgspec.Struct, frozen=True):
    """One vector of length 1 for each text, in the order of the texts."""

    space: Space
    data: bytes  # float32 in the machine's order, vector after vector
    tokens: tuple[int, ...] = ()  # of each text, as the model counts them; estimated if the provider only gives their sum
    cut: tuple[int, ...] = ()  # indexes of the texts whose end was cut off, because the model takes no more

    def __len__(self) -> int:
        return len(self.data) // (FLOAT_BYTES * self.space.dimensions)

    def __getitem__(self, at: int) -> "memoryview[float]":
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return self.floats[at % len(self) * self.space.dimensions :][: self.space.dimensions]

    def __iter__(self) -> Iterator["memoryview[float]"]:
        return (self[at] for at in range(len(self)))

    @property
    def floats(self) -> "memoryview[float]":
        """Return all numbers, vector after vector."""
        return memoryview(self.data).cast("f")


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two vectors of length 1."""
    product: float = sum(map(operator.mul, one, other))
    return product
