"""The tokenizer: a SentencePiece model (sentencepiece_model.proto) made from the vocabulary that comes with the weights.

SentencePiece has the rules by which XLM-R's vocabulary was made (nmt_nfkc), so the ids are those of the original.
"""

from typing import NamedTuple

import sentencepiece

from embeddings.e5.protobuf import block, blocks, number, real, text
from embeddings.e5.weights import MARKS, Weights

RULES = "nmt_nfkc"
UNKNOWN, CONTROL, UNIGRAM = 2, 3, 1
MODEL_NORMALIZER, CHARSMAP = 3, 2


class Tokens(NamedTuple):
    """A text as the network takes it, and whether its end was cut off."""

    ids: list[int]
    is_cut: bool


class Tokenizer:
    """Texts as ids of tokens, between the marks of begin and end."""

    def __init__(self, model: str, most: int) -> None:
        self._pieces = sentencepiece.SentencePieceProcessor(model_file=model)
        self._most = most - 2

    def tokens(self, text: str) -> Tokens:
        """Return a text's tokens; those beyond the most that the network takes are left out."""
        ids: list[int] = self._pieces.encode(text, out_type=int)
        return Tokens([MARKS.begin, *ids[: self._most], MARKS.end], len(ids) > self._most)


def model(weights: Weights) -> bytes:
    """Write the tokenizer's file."""
    pieces = b"".join(_piece(weights, at) for at in range(len(weights.pieces)))
    ids = ((40, MARKS.unknown), (41, MARKS.begin), (42, MARKS.end), (43, MARKS.padding))
    trainer = number(3, UNIGRAM) + number(4, len(weights.pieces)) + b"".join(number(*each) for each in ids)
    spaces = b"".join(number(field, 1) for field in (3, 4, 5))  # one before the text, none doubled, each as a letter
    return pieces + block(2, trainer) + block(3, text(1, RULES) + block(CHARSMAP, _charsmap()) + spaces)


def _piece(weights: Weights, at: int) -> bytes:
    body = block(1, weights.pieces[at].decode("utf-8", "replace").encode()) + real(2, weights.scores[at])
    if at == MARKS.unknown:
        return block(1, body + number(3, UNKNOWN))
    return block(1, body + number(3, CONTROL) if at in MARKS else body)


def _charsmap() -> bytes:
    """Return the library's own table of the rules."""
    built_in = sentencepiece.SentencePieceNormalizer(rule_name=RULES).serialized_model_proto()
    return dict(blocks(dict(blocks(built_in))[MODEL_NORMALIZER]))[CHARSMAP]
