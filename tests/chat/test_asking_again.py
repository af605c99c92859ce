"""Asking again where an answer failed, was stopped before its first word, or was blank."""

from typing import Any

import httpx
import pytest

from chat.parts import Text
from chat.prompts import context
from chat.prompts.context import Branch
from chat.providers.base import Turn
from tests.client import Client


async def messages_sent(providers: httpx.AsyncClient, marker: str) -> list[dict[str, Any]]:
    calls = (await providers.get("/_calls")).json()["calls"]
    found: list[dict[str, Any]] = next(call["body"]["messages"] for call in reversed(calls) if marker in str(call["body"]))
    return found


@pytest.mark.parametrize(
    "first", ["[[fault=401]]", "[[play=blanks_alone]]", "[[play=stop_alone]]", "[[tokens=5 delay=60]]", "[[play=done_alone]]"]
)
async def test_the_next_question_takes_the_unanswered_one_along(
    alice_client: Client, providers: httpx.AsyncClient, first: str, alice: Any
) -> None:
    marker = f"Second of {alice.pk}."
    async with alice_client.socket() as socket:
        accepted = await socket.ask(first)
        if "delay" in first:
            await socket.send("stop", {"run_id": accepted["run_id"]})
        await socket.until_end(accepted["run_id"])
        again = await socket.ask(f"{marker} [[play=system_mistral]]", conversation_id=accepted["conversation_id"])
        assert (await socket.until_end(again["run_id"]))[-1]["status"] == "complete"
    turns = await messages_sent(providers, marker)
    roles = [turn["role"] for turn in turns]
    assert roles in (["system", "user"], ["user"])
    assert first in turns[-1]["content"]


async def test_an_answer_that_was_stopped_before_its_first_word_can_be_continued(alice_client: Client) -> None:
    async with alice_client.socket() as socket, alice_client.rest() as rest:
        accepted = await socket.ask("[[tokens=3 delay=60]]")
        await socket.send("stop", {"run_id": accepted["run_id"]})
        await socket.until_end(accepted["run_id"])
        again = (await rest.post(f"/api/runs/{accepted['run_id']}/continue")).json()
        stopped = await rest.post(f"/api/runs/{again['run_id']}/stop")
    assert stopped.status_code == httpx.codes.OK


def test_turns_of_one_role_are_one_and_blank_answers_are_none() -> None:
    turns = context.turns_for(
        Branch(
            [Turn.said("user", "a"), Turn.said("user", "b"), Turn.said("assistant", "c"), Turn.said("assistant", "d")],
            [Text(" \n")],
        )
    )
    assert [turn.role for turn in turns] == ["system", "user", "assistant"]
    assert [turn.text for turn in turns[1:]] == ["a\n\nb", "c\n\nd"]
