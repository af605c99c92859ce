"""Texts as vectors over `/v1`, with OpenAI's own client."""

from typing import Any

import openai
import pytest

from accounts.models import Budget, Usage, User
from embeddings import cosine
from tests.doors.openai_client import client_of
from tests.stack import Galaxy

DOGS, PUPPY, TAXES = "The dog sleeps.", "A puppy is asleep.", "Taxes are due in March."


async def test_texts_come_back_as_vectors_in_their_order(galaxy: Galaxy, alice: User) -> None:
    async with await client_of(galaxy, alice) as client:
        made = await client.embeddings.create(model="galaxy-embeddings", input=[DOGS, PUPPY, TAXES])
        written = await client.embeddings.create(model="galaxy-embeddings", input=DOGS, encoding_format="float")
        again = await client.embeddings.create(model=made.model, input=DOGS)
    dogs, puppy, taxes = (one.embedding for one in made.data)
    assert [one.index for one in made.data] == [0, 1, 2]
    assert cosine(dogs, puppy) > cosine(dogs, taxes)
    for other in (written, again):
        assert cosine(other.data[0].embedding, dogs) == pytest.approx(1, abs=1e-4)
    assert made.usage.prompt_tokens > 0
    assert await Usage.objects.filter(person=alice, model="galaxy-embeddings", tokens=made.usage.total_tokens).aexists()


async def test_a_budget_holds_by_whichever_name_the_space_is_asked_for(galaxy: Galaxy, alice: User) -> None:
    given = {"measure": "requests", "period": "day", "amount": 1, "about": "model", "target": "galaxy-embeddings"}
    await Budget.objects.acreate(tenant_id=alice.tenant_id, person=alice, **given)
    async with await client_of(galaxy, alice) as client:
        made = await client.embeddings.create(model="galaxy-embeddings", input=DOGS)
        with pytest.raises(openai.RateLimitError) as error:
            await client.embeddings.create(model=made.model, input=DOGS)
    assert error.value.code == "insufficient_quota"


async def test_what_is_looked_for_and_where_differ(galaxy: Galaxy, alice: User) -> None:
    async with await client_of(galaxy, alice) as client:
        made = [
            await client.embeddings.create(model="galaxy-embeddings", input=DOGS, extra_body={"input_type": kind})
            for kind in ("query", "passage")
        ]
    query, passage = (one.data[0].embedding for one in made)
    assert cosine(query, passage) < 1 - 1e-4


@pytest.mark.parametrize(
    ("more", "status", "param"),
    [
        ({"model": "text-embedding-3-small"}, 404, "model"),
        ({"input": []}, 400, "input"),
        ({"input": ""}, 400, "input[0]"),
        ({"input": [1, 2, 3]}, 400, "input"),
        ({"dimensions": 7}, 400, "dimensions"),
        ({"input_type": "poem"}, 400, "input_type"),
    ],
)
async def test_what_cannot_be_embedded_is_refused(
    galaxy: Galaxy, alice: User, more: dict[str, Any], status: int, param: str
) -> None:
    body = {"model": "galaxy-embeddings", "input": DOGS} | more
    async with await client_of(galaxy, alice) as client:
        with pytest.raises(openai.APIStatusError) as error:
            await client.post("/embeddings", body=body, cast_to=object)
    assert (error.value.status_code, error.value.param) == (status, param)
