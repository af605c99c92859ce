"""The embedded model gives what the reference gives: tokens exactly, vectors nearly. Both were recorded once."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.e5.engine import MOST_TOKENS, Engine
from embeddings.e5.identity import DIMENSIONS
from embeddings.e5.weights import Floats
from embeddings.vectors import Kind
from tests.embeddings.texts import TEXTS

RECORDED: list[dict[str, Any]] = json.loads(Path(__file__).with_name("recorded.json").read_text())
NEAR = 0.998  # our eight bits against the four of the reference


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("model"), 1)


def vectors(engine: Engine, texts: Sequence[str], kind: Kind = "passage") -> Floats:
    return engine.vectors(engine.tokens(texts, kind))


def told(one: dict[str, Any]) -> str:
    text: str = TEXTS[one["language"]][one["at"]]
    return text


def test_eleven_languages_are_recorded() -> None:
    assert len({one["language"] for one in RECORDED} - {"odd"}) == 11
    assert len(RECORDED) == sum(map(len, TEXTS.values()))


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_has_the_tokens_of_the_reference(engine: Engine, language: str) -> None:
    for one in (one for one in RECORDED if one["language"] == language):
        (tokens,) = engine.tokens([told(one)], one["kind"])
        assert tokens.ids == [0, *one["ids"], 2], told(one)


@pytest.mark.parametrize("language", [language for language in TEXTS if language != "odd"])
def test_a_text_has_nearly_the_vector_of_the_reference(engine: Engine, language: str) -> None:
    for one in (one for one in RECORDED if one["language"] == language):
        expected = np.frombuffer(base64.b64decode(one["vector"]), "<f2").astype(np.float32)
        (made,) = vectors(engine, [told(one)], one["kind"])
        assert float(made @ expected) >= NEAR, told(one)


def test_a_vector_has_the_length_one_and_does_not_depend_on_its_batch(engine: Engine) -> None:
    texts = [text for texts in TEXTS.values() for text in texts]
    together = vectors(engine, texts)
    assert together.shape == (len(texts), DIMENSIONS)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        (alone,) = vectors(engine, [text])
        assert float(alone @ vector) >= 0.99999


def test_a_question_is_nearest_to_its_answer_in_any_language(engine: Engine) -> None:
    questions = vectors(engine, [TEXTS[language][1] for language in ("de", "es", "zh", "ar", "hi")], "query")
    answers = vectors(engine, ["Switch the lamp in the living room on or off.", "Tell the weather of a place.", "Book a room."])
    assert list((questions @ answers.T).argmax(axis=1)) == [0] * 5


def test_composed_and_decomposed_letters_are_the_same(engine: Engine) -> None:
    one, other = engine.tokens(["caf\u00e9 \u00fcber", "cafe\u0301 u\u0308ber"], "query")
    assert one.ids == other.ids


def test_a_text_that_is_too_long_is_cut_and_says_so(engine: Engine) -> None:
    short, long = engine.tokens(["word", "word " * 600], "passage")
    assert not short.is_cut
    assert long.is_cut
    assert len(long.ids) == MOST_TOKENS
    assert long.ids[-1] == 2
