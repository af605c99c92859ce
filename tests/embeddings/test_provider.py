"""A provider's embedding model on OpenAI's wire: its vectors have a space of their own, and its failures are named."""

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest

import embeddings
from embeddings import ProviderRefused, UnknownSpace, cosine
from embeddings.e5.identity import SPACE
from galaxy.configuration.environment import Environment
from galaxy.services.embedder import chosen
from tests.embeddings import embedder
from tests.providers import embedding
from tests.providers.server import WRONG_KEY
from tests.stack import KEY, Providers

pytestmark = pytest.mark.timeout(240)
NAME = "openai/stand-in-embedding"


@pytest.fixture
def its_settings(stand_in_process: Providers) -> dict[str, str]:
    return {"EMBEDDING_MODEL": NAME, "EMBEDDING_BASE_URL": f"{stand_in_process.url}/v1", "EMBEDDING_API_KEY": KEY}


async def test_its_vectors_are_of_its_own_space(
    tmp_path: Path, its_settings: dict[str, str], providers: httpx.AsyncClient
) -> None:
    async with embedder.running(tmp_path, **its_settings):
        texts = ["the cat sat", "a cat sat", "", "weather in Paris"]
        made = await embeddings.embed(texts, "passage")
        assert made.space == embeddings.Space(f"{NAME}/{embedding.DIMENSIONS}", embedding.DIMENSIONS)
        expected = embedding.vector(texts[0])
        assert cosine(made[0], expected) == pytest.approx(3, abs=1e-3)  # of length 3 on the wire
        assert cosine(made[0], made[0]) == pytest.approx(1, abs=1e-5)
        assert cosine(made[0], made[1]) > cosine(made[0], made[3])
        assert sum(made.tokens) == 10  # as the provider counts them, including the full stop for the empty text
        again = await embeddings.embed(["x"], "query", made.space.name)
        assert again.space == made.space
        of_the_embedded = await embeddings.embed(["x"], "query", SPACE.name)  # for what was embedded before
        assert of_the_embedded.space == SPACE
        with pytest.raises(UnknownSpace):
            await embeddings.embed(["x"], "query", f"{NAME}/1536")
        assert (await embeddings.state()).model == NAME
    (first, *_) = (call for call in (await providers.get("/_calls")).json()["calls"] if call["wire"] == "embeddings")
    assert first["key"] == KEY
    assert (tmp_path / "logs" / "embedder.log").read_text() == ""


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"EMBEDDING_API_KEY": WRONG_KEY}, "its key"),
        ({"EMBEDDING_MODEL": "openai/stand-in-small"}, "EMBEDDING_MODEL"),
        ({"EMBEDDING_BASE_URL": "http://127.0.0.1:9/v1"}, "cannot be reached"),
    ],
)
async def test_a_failure_says_what_to_look_at_and_no_key(
    tmp_path: Path, its_settings: dict[str, str], changed: dict[str, str], words: str
) -> None:
    async with embedder.running(tmp_path, **its_settings | changed):
        with pytest.raises(ProviderRefused, match=words) as told:
            await embeddings.embed(["hello"], "query")
        assert KEY not in str(told.value)
        assert WRONG_KEY not in str(told.value)
    assert KEY not in (tmp_path / "logs" / "embedder.log").read_text()


async def test_a_model_whose_dimensions_change_is_not_mixed(tmp_path: Path, its_settings: dict[str, str]) -> None:
    async with embedder.running(tmp_path, **its_settings | {"EMBEDDING_MODEL": "openai/stand-in-changing"}):
        first = await embeddings.embed(["hello"], "query")
        with pytest.raises(UnknownSpace, match="dimensions now"):
            await embeddings.embed(["hello"], "query", first.space.name)


async def test_dimensions_and_prefixes_are_those_of_the_settings(
    tmp_path: Path, its_settings: dict[str, str], providers: httpx.AsyncClient
) -> None:
    own = {"EMBEDDING_DIMENSIONS": "32", "EMBEDDING_QUERY_PREFIX": "search:"}
    async with embedder.running(tmp_path, **its_settings | own):
        made = await embeddings.embed(["unmistakable"], "query")
    assert made.space.dimensions == 32
    bodies = [call["body"] for call in (await providers.get("/_calls")).json()["calls"]]
    assert ["search:unmistakable"] in [body.get("input") for body in bodies]


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        ({}, {}, None),
        (
            {"embedding_model": "openai/text-embedding-3-small"},
            {"OPENAI_API_KEY": "k"},
            ("openai/text-embedding-3-small", "", "k"),
        ),
        ({"embedding_model": "Ollama/bge-m3"}, {}, ("openai/bge-m3", "http://127.0.0.1:11434/v1", "none")),
        ({"embedding_model": "google/gemini-embedding-001"}, {"GOOGLE_API_KEY": "g"}, ("gemini/gemini-embedding-001", "", "g")),
        ({"embedding_model": "vllm/a/b", "embedding_base_url": "http://h:1/v1"}, {}, ("openai/a/b", "http://h:1/v1", "none")),
        (
            {"embedding_model": "azure/d", "embedding_base_url": "https://a", "embedding_api_key": "z"},
            {},
            ("azure/d", "https://a", "z"),
        ),
        ({"embedding_model": "cohere/embed-v4.0"}, {"COHERE_API_KEY": "c"}, ("cohere/embed-v4.0", "", "")),
    ],
)
def test_key_and_address_are_those_of_the_provider(
    settings: dict[str, Any], environ: dict[str, str], expected: tuple[str, str, str] | None
) -> None:
    given = chosen.given(Environment(**settings), environ)
    assert (given and (given.model, given.api_base, given.api_key)) == expected


def test_the_stand_in_speaks_both_forms_of_the_wire(stand_in_process: Providers) -> None:
    body = {"model": "stand-in-embedding", "input": "hello"}
    plain, packed = (
        httpx.post(f"{stand_in_process.url}/v1/embeddings", json=body | form).json()["data"][0]["embedding"]
        for form in ({}, {"encoding_format": "base64"})
    )
    assert len(base64.b64decode(packed)) == 4 * len(plain)
