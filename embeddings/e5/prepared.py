"""The files that the model is run from: made once from the weights, kept in the data folder, named by their sources' hash."""

import hashlib
import os
import secrets
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import sentencepiece

from embeddings.e5 import identity, network, onnx_file, protobuf, tokens, weights
from embeddings.e5.weights import Weights
from embeddings.errors import ModelMissing

GRAPH, TABLES, PIECES = "graph.onnx", onnx_file.TABLES, "pieces.spm"
CANNOT_WRITE = (
    "The files of the embedding model cannot be written to {} ({}). "
    "They need 80 MB: free some space, or let Galaxy write there."
)
DRAFT_SECONDS = 3600.0  # longer than it takes to write a file
BUILDERS = (network, onnx_file, protobuf, tokens, weights)


class Prepared(NamedTuple):
    """The model's files."""

    graph: Path
    tables: Path
    pieces: Path

    def forget(self) -> None:
        """Remove the files, which were damaged after they were made."""
        for file in self:
            file.unlink(missing_ok=True)


def prepare(folder: Path) -> Prepared:
    """Return the files, made now if they are missing. Raises ModelMissing where they cannot be made."""
    place = folder / f"e5-{version()}"
    files = Prepared(place / GRAPH, place / TABLES, place / PIECES)
    if not all(file.exists() for file in files):
        try:
            _make(files)
        except OSError as error:
            raise ModelMissing(CANNOT_WRITE.format(place, error.strerror)) from error
    return files


def _make(files: Prepared) -> None:
    place = files.graph.parent
    place.mkdir(parents=True, exist_ok=True)
    source = _source()
    graph, tables = network.build(source)
    for file, content in zip(files, (graph, tables, tokens.model(source)), strict=True):
        _write(file, content)
    _forget_others(place.parent, place)


def _source() -> Weights:
    file = identity.weights_file()
    weights.check(file)
    return Weights(file)


@cache
def version() -> str:
    """Return a hash of all that the files are made from: the weights, the code that builds, SentencePiece's rules."""
    sources = b"".join(Path(str(module.__file__)).read_bytes() for module in BUILDERS)
    told = f"{identity.SHA256} {sentencepiece.__version__}".encode()
    return hashlib.sha256(told + sources).hexdigest()[:16]


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all. Two processes may do so at once: they write the same."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _forget_others(folder: Path, kept: Path) -> None:
    """Remove the files of earlier versions, and drafts of processes that were killed."""
    for place in folder.glob("e5-*"):
        if place != kept:
            for file in place.iterdir():
                file.unlink(missing_ok=True)
            place.rmdir()
    for draft in kept.glob(".*"):
        if time.time() - draft.stat().st_mtime > DRAFT_SECONDS:
            draft.unlink(missing_ok=True)
