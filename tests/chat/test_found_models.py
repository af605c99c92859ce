"""Models that several machines find: merged, and answered where they are reached."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.storage.connections import in_database, redis
from chat import catalogue
from chat.catalogue import found_models
from chat.catalogue.found_models import FoundModels
from chat.models import Conversation, Message, Run
from chat.providers.known.found import Found
from chat.runs import states
from tests.stack import Galaxy

LOCAL, LAN = "http://127.0.0.1:11434/v1", "http://10.0.0.7:11434/v1"


@pytest.fixture
async def two_machines(galaxy: Galaxy, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two machines that found one model each by themselves and one together; this process is of the first."""
    marks = [f"{name}-{secrets.token_hex(4)}" for name in ("here", "there")]
    models = {
        marks[0]: [Found("own", "ollama", "own", LOCAL), Found("both", "ollama", "both", LOCAL)],
        marks[1]: [
            Found("both", "ollama", "both", LOCAL),
            Found("bound", "ollama", "b", LOCAL),
            Found("lan", "ollama", "l", LAN),
        ],
    }
    for mark in marks:
        monkeypatch.setattr(found_models, "machine", lambda mark=mark: mark)
        await found_models.publish(models[mark])
    monkeypatch.setattr(found_models, "machine", lambda: marks[0])
    yield marks
    await redis().srem(found_models.MACHINES, *marks)
    await redis().delete(*(f"catalogue:found:{mark}" for mark in marks))


async def test_what_machines_find_is_merged_and_none_overwrites_another(two_machines: list[str]) -> None:
    here = FoundModels()
    assert [model.name for model in await here.read()] == ["own", "both", "bound", "lan"]
    assert await here.elsewhere() == {"bound"}  # `both` is reached from here, too, and `lan` from anywhere
    await found_models.publish([])
    here.forget()
    assert [model.name for model in await here.read()] == ["both", "bound", "lan"]


async def test_a_machine_that_is_gone_is_forgotten(two_machines: list[str]) -> None:
    assert 0 < await redis().ttl(f"catalogue:found:{two_machines[1]}") <= found_models.KEPT_SECONDS
    await redis().delete(f"catalogue:found:{two_machines[1]}")
    here = FoundModels()
    assert [model.name for model in await here.read()] == ["own", "both"]
    assert two_machines[1].encode() not in await redis().smembers(found_models.MACHINES)


async def test_a_model_of_the_operators_file_is_reached_from_everywhere(
    two_machines: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_found", FoundModels())
    found = settings.ENVIRONMENT
    settings.ENVIRONMENT = type(found)(**{**{f: getattr(found, f) for f in found.__struct_fields__}, "find_models": True})
    assert await catalogue.elsewhere() == {"bound"}


async def test_a_run_of_another_machines_model_goes_back_to_the_queue_and_is_left_to_it(alice: User) -> None:
    def queue() -> Run:
        talk = Conversation.objects.create(tenant=alice.tenant, owner=alice)
        answer = Message.objects.create(conversation=talk, role=Message.Role.ASSISTANT)
        # Asked in the future: the installation's own runner must not find it.
        later = timezone.now() + timedelta(days=1)
        return Run.objects.create(conversation=talk, answer=answer, person=alice, model="bound", created_at=later)

    run = await in_database(queue)
    claim = await in_database(states.claim, run.pk)
    assert claim
    await in_database(states.give_back, claim)
    await run.arefresh_from_db()
    assert (run.status, run.lease_until) == (Run.Status.QUEUED, None)
    again = await in_database(states.claim, run.pk)
    assert again
    assert again.fence > claim.fence
    await in_database(states.give_back, claim)  # of an older claim: nothing
    await run.arefresh_from_db()
    assert run.status == Run.Status.RUNNING
    await Run.objects.filter(pk=run.pk).aupdate(status=Run.Status.STOPPED)
