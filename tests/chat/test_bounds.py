"""Answers that do not end by themselves: ended by time, by tokens and by what they repeat, and people go on at once."""

import uuid

import pytest

from chat.log.log_buffer import RunLog
from chat.runs.loop.bounds import Bounds, Limits
from chat.runs.loop.repeats import LOOKED_AT, repeats
from tests.client import Client

WIDE = Limits(3600.0, 600.0, 250_000)
SENTENCE = "I am sorry, I cannot help you with this. "


def code_for(limits: Limits, said: str = "") -> str | None:
    log = RunLog(uuid.uuid4(), key=b"", fence=1, next_seq=2, on_change=lambda _, __: None)
    if said:
        log.say("text", said)
    failure = Bounds(log, limits).passed()
    assert failure is None or "go on" in failure.message
    return failure.code if failure else None


@pytest.mark.parametrize(
    ("limits", "said", "code"),
    [
        (WIDE, "", None),
        (WIDE, "All is well. ", None),
        (WIDE._replace(answer_seconds=-1.0), "", "answer_took_too_long"),
        (WIDE._replace(wordless_seconds=-1.0), "", "model_stalled"),
        (WIDE._replace(answer_tokens=10), "word " * 9, "answer_too_long"),
        (WIDE, SENTENCE * 200, "model_repeats_itself"),
    ],
)
def test_each_bound_ends_an_answer(limits: Limits, said: str, code: str | None) -> None:
    assert code_for(limits, said) == code


PARAGRAPH = "".join(f"Point {number} of the plan says something else. " for number in range(30))


@pytest.mark.parametrize("piece", ["\n", "ha", SENTENCE, "你好。", "| - | - |\n", PARAGRAPH])
def test_what_repeats_is_found_wherever_its_end_is_cut(piece: str) -> None:
    text = ("Once upon a time. " + piece * (2 * LOOKED_AT // len(piece.encode()))).encode()
    assert all(repeats(text[: len(text) - cut][-LOOKED_AT:]) for cut in range(0, 50, 7))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=" * 500,
        "".join(f"{number}\n" for number in range(20_000)),
        PARAGRAPH * 5,
        "".join(f"| row {number} | 0 | 0 | 0 |\n" for number in range(3_000)),
        SENTENCE * 500 + "And that is all that I have to say about it. " + "".join(str(number) for number in range(900)),
    ],
)
def test_what_only_looks_alike_is_left_alone(text: str) -> None:
    assert not repeats(text.encode()[-LOOKED_AT:])


async def test_a_model_that_repeats_itself_is_ended_and_the_next_question_goes_on(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[play=same_for_ever]]")
        error = (await socket.until_end(accepted["run_id"]))[-1]["error"]
        assert error["code"] == "model_repeats_itself"
        again = await socket.ask("[[tokens=3]]", conversation_id=accepted["conversation_id"])
        assert (await socket.until_end(again["run_id"]))[-1]["status"] == "complete"


async def test_a_server_that_sends_only_comments_is_given_up(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[play=comments_alone]]")
        error = (await socket.until_end(accepted["run_id"]))[-1]["error"]
    assert (error["code"], error["retryable"]) == ("model_stalled", True)
