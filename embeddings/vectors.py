"""Vectors, and the space that they belong to. Plain bytes: no process needs a numerical library to hold them."""

import operator
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

Kind = Literal["query", "passage"]
FLOAT_BYTES = 4


class Space(msgspec.Struct, frozen=True):
    """Everything that makes vectors comparable: the model, its version and the dimensions, all of which stand in the name.

    Vectors of two spaces have nothing to do with each other, even if they have as many dimensions.
    """

    name: str
    dimensions: int


class Vectors(msgspec.Struct, frozen=True):
    """One vector of length 1 for each text, in the order of the texts."""

    space: Space
    data: bytes  # float32 in the machine's order, vector after vector
    tokens: tuple[int, ...] = ()  # that each text had for the model; estimated where a provider counts only all of them
    cut: tuple[int, ...] = ()  # places of the texts whose end was left out, because the model takes no more

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
