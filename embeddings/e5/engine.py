"""The model in memory: loaded into this process and called from one thread."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

from embeddings.e5 import prepared
from embeddings.e5.network import IDS, MASK
from embeddings.e5.prepared import Prepared
from embeddings.e5.tokens import Tokenizer, Tokens
from embeddings.e5.weights import MARKS, Floats
from embeddings.vectors import Kind

MOST_TOKENS = 512
PREFIXES: dict[Kind, str] = {"query": "query: ", "passage": "passage: "}
DAMAGED = (Fail, InvalidGraph, InvalidProtobuf, RuntimeError, OSError)


class Engine:
    """The tokenizer and the network."""

    def __init__(self, folder: Path, threads: int) -> None:
        files = prepared.prepare(folder)
        try:
            self._load(files, threads)
        except DAMAGED:
            files.forget()
            self._load(prepared.prepare(folder), threads)

    def _load(self, files: Prepared, threads: int) -> None:
        self._tokenizer = Tokenizer(str(files.pieces), MOST_TOKENS)
        self._session = onnxruntime.InferenceSession(str(files.graph), _options(threads), providers=["CPUExecutionProvider"])

    def tokens(self, texts: Sequence[str], kind: Kind) -> list[Tokens]:
        """Return the tokens of texts, each behind the prefix for its kind."""
        return [self._tokenizer.tokens(PREFIXES[kind] + text) for text in texts]

    def vectors(self, batch: Sequence[Tokens]) -> Floats:
        """Compute the vectors of a batch."""
        ids = np.full((len(batch), max(len(each.ids) for each in batch)), MARKS.padding, np.int64)
        mask = np.zeros_like(ids)
        for row, each in enumerate(batch):
            ids[row, : len(each.ids)], mask[row, : len(each.ids)] = each.ids, 1
        (made,) = self._session.run(None, {IDS: ids, MASK: mask})
        vectors: Floats = made
        return vectors


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_cpu_mem_arena = False  # it would keep what the largest batch took
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads would burn CPU time
    return options
