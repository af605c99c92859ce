"""The loop from model to tools to model on each provider's wire, and in words where a model takes no tools."""

from typing import Any

import httpx
import pytest

from tests.client import Client, Frame, text_of
from tests.stack import Galaxy
from tests.tools.conftest import effects
from tests.tools.following import states, told, until_asked

NATIVE = ["Stand-in", "Stand-in Claude", "Stand-in Gemini", "Stand-in Ollama", "Stand-in Ollama's own"]
PLAIN = ["Stand-in plain", "Stand-in told"]

pytestmark = [pytest.mark.timeout(180)]


async def asked(owner: Client, script: str, model: str) -> tuple[list[Frame], list[dict[str, Any]]]:
    """The frames of the answer to a script, and the parts of the message."""
    async with owner.socket() as socket:
        accepted = await socket.ask(script, model=model)
        frames = await socket.until_end(accepted["run_id"])
    async with owner.rest() as rest:
        messages = (await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")).json()["results"]
    return frames, messages[-1]["parts"]


def escaped(arguments: str) -> str:
    return arguments.replace("\\", "\\\\").replace('"', '\\"')


@pytest.mark.parametrize("model", NATIVE + PLAIN)
async def test_calls_of_one_turn_run_at_once_and_their_results_go_back_in_order(owner: Client, model: str) -> None:
    script = '[[tool="wait&add;add" arguments="{\\"seconds\\":0.5}&&{\\"a\\":2,\\"b\\":3};;{\\"a\\":4,\\"b\\":5}" text=Done.]]'
    frames, parts = await asked(owner, script, model)
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Done."), frames[-1]
    moved = states(frames)
    assert moved.index(("add", "running")) < moved.index(("wait", "succeeded")), told(frames, "tool_execution")
    first, second = told(frames, "tool_selection")
    assert [call["tool"] for call in first["metadata"]["calls"]] == ["wait", "add"]
    assert (first["step"], second["step"]) == (1, 2)
    kinds = ["tool_call", "tool_call", "tool_result", "tool_result", "tool_call", "tool_result", "text"]
    assert [part["type"] for part in parts] == kinds
    results = [part["text"] for part in parts if part["type"] == "tool_result"]
    assert results == ["Waited.", '{"total":5}', '{"total":9}']


@pytest.mark.parametrize("model", NATIVE + PLAIN)
async def test_two_calls_of_one_tool_stay_two(owner: Client, model: str) -> None:
    script = '[[tool="add&add" arguments="{\\"a\\":2,\\"b\\":3}&&{\\"a\\":4,\\"b\\":5}" text=Done.]]'
    frames, parts = await asked(owner, script, model)
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Done.")
    assert [part["text"] for part in parts if part["type"] == "tool_result"] == ['{"total":5}', '{"total":9}']


@pytest.mark.parametrize("model", NATIVE + PLAIN)
async def test_a_call_of_an_unknown_tool_is_told_and_the_one_beside_it_runs(owner: Client, model: str) -> None:
    frames, parts = await asked(
        owner, '[[tool="nothing&add" arguments="{\\"a\\":2}&&{\\"a\\":2,\\"b\\":3}" text=Done.]]', model
    )
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Done.")
    first, second = [part for part in parts if part["type"] == "tool_result"]
    assert (first["outcome"], second["text"]) == ("failed", '{"total":5}')
    assert "There is no tool called nothing. Nothing has run." in first["text"]


@pytest.mark.parametrize("model", ["Stand-in Claude", "Stand-in Gemini", *PLAIN])
async def test_a_call_that_changes_something_waits_for_a_person_and_the_model_goes_on_after_it(
    tool_galaxy: Galaxy, owner: Client, model: str
) -> None:
    async with owner.socket() as socket:
        accepted = await socket.ask('[[tool=book arguments="{\\"room\\":\\"A\\"}" text=Done.]]', model=model)
        asked_about = (await until_asked(socket, accepted["run_id"]))[-1]
        assert (asked_about["tool"], asked_about["arguments"]) == ("book", {"room": "A"})
        await socket.send("approve", {"call_id": asked_about["call_id"], "decision": "once", "arguments": {"room": "B"}})
        frames = await socket.until_end(accepted["run_id"])
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Done.")
    assert states(frames)[-1] == ("book", "succeeded")
    assert effects(tool_galaxy, asked_about["call_id"]) == 1


@pytest.mark.parametrize("model", PLAIN)
async def test_a_model_that_writes_the_same_call_in_each_step_is_ended(owner: Client, model: str) -> None:
    calls = ";".join(["add"] * 12)
    frames, _ = await asked(owner, f'[[tool="{calls}" arguments="{{\\"a\\":1,\\"b\\":2}}" text=Done.]]', model)
    assert "again and again" in frames[-1]["error"]["message"]
    assert states(frames).count(("add", "succeeded")) == 4


# Gemini and Ollama read a model's call themselves: nothing that is not JSON comes from them.
@pytest.mark.parametrize("model", ["Stand-in", "Stand-in Claude", *PLAIN])
@pytest.mark.parametrize(
    ("arguments", "result", "repaired"),
    [
        ("{'a': 2, 'b': 3}", '{"total":5}', "other quotes were read as double ones"),
        ('{"a": 2, "b": 3,}', '{"total":5}', "an extra comma was left out"),
        ('{"A": "2", "b": 3}', '{"total":5}', "a came as text"),
        ('{"a": 2, "b" 3}', "Nothing has run. Send one JSON object.", ""),
    ],
)
async def test_a_broken_call_is_mended_and_shown_or_told_to_the_model(
    owner: Client, model: str, arguments: str, result: str, repaired: str
) -> None:
    frames, parts = await asked(owner, f'[[tool=add arguments="{escaped(arguments)}" text=Done.]]', model)
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Done.")
    call, told_back, _ = parts
    assert result in told_back["text"]
    assert (repaired in call["repaired"]) if repaired else not call.get("repaired")
    shown = told(frames, "tool_selection")[0]["metadata"]["calls"][0]
    assert shown.get("repaired", []) == call.get("repaired", [])


@pytest.mark.parametrize("model", ["Stand-in Gemini", "Stand-in Ollama", "Stand-in Ollama's own"])
async def test_a_call_that_the_provider_itself_could_not_read_ends_the_answer_in_words(owner: Client, model: str) -> None:
    frames, _ = await asked(owner, '[[tool=add arguments="{" text=Done.]]', model)
    assert frames[-1]["status"] == "error"
    assert frames[-1]["error"]["code"] in {"model_overloaded", "model_stream_broken"}
    assert states(frames) == []


async def test_a_refusal_of_tools_is_remembered_and_a_model_known_to_take_none_is_not_asked(
    owner: Client, providers: httpx.AsyncClient
) -> None:
    await asked(owner, "[[tool=add arguments={} text=Done.]] once", "Stand-in plain")
    for model in PLAIN:
        script = f'[[tool=add arguments="{escaped(chr(123) + chr(125))}" text=Done.]] {model}'
        await asked(owner, script, model)
        calls = [call for call in (await providers.get("/_calls")).json()["calls"] if script[-20:] in str(call["body"])]
        assert [call["outcome"] for call in calls] == ["complete", "complete"]
        assert not any("tools" in call["body"] for call in calls)
        assert "- add(a: integer, b: integer): Add two integers." in calls[0]["body"]["messages"][0]["content"]


async def test_a_result_goes_back_in_the_words_of_the_protocol(owner: Client, providers: httpx.AsyncClient) -> None:
    script = '[[tool=add arguments="{\\"a\\":40,\\"b\\":2}" text=Done.]] in words'
    await asked(owner, script, "Stand-in told")
    calls = [call for call in (await providers.get("/_calls")).json()["calls"] if "in words" in str(call["body"])]
    _, question, made, results = calls[-1]["body"]["messages"]
    assert [turn["role"] for turn in (question, made, results)] == ["user", "assistant", "user"]
    assert made["content"] == '<tool_call>{"tool": "add", "arguments": {"a": 40, "b": 2}}</tool_call>'
    assert results["content"].startswith('<tool_result tool="add">{"total":42}</tool_result>\nAnswer my question now')


@pytest.mark.parametrize("form", ["bare", "fence", "open", "invented"])
async def test_calls_written_with_usual_mistakes_are_made_and_do_not_show(owner: Client, form: str) -> None:
    script = f'[[tool=add arguments="{{\\"a\\":2,\\"b\\":3}}" form={form} text=Done.]]'
    frames, parts = await asked(owner, script, "Stand-in told")
    assert (frames[-1]["status"], states(frames)[-1]) == ("complete", ("add", "succeeded"))
    assert text_of(frames) == ("Let me see.\nDone." if form == "open" else "Done.")
    assert '{"total":5}' in [part.get("text") for part in parts]


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("Stand-in told", 'Models write `<tool_call>{"tool": "add", "arguments": {}}</tool_call>` for it.'),
        ("Stand-in told", '{"tool": "hammer", "arguments": {"size": 3}}'),
        ("Stand-in told", '```json\n{"tool": "add", "arguments": {"a": 1, "b": 2}}\n```\nThat is a call.'),
        ("Stand-in", '<tool_call>{"tool": "add", "arguments": {"a": 1, "b": 2}}</tool_call>'),
    ],
)
async def test_an_answer_that_shows_a_call_is_text(owner: Client, model: str, text: str) -> None:
    frames, parts = await asked(owner, f"[[text='{text}']]", model)
    # The stand-in repeats the question as it came, in which a tag is marked so that quoting it makes no call.
    told = text_of(frames).replace("< ", "<")
    assert (frames[-1]["status"], told, states(frames)) == ("complete", text, [])
    assert [part["type"] for part in parts] == ["text"]


async def test_a_call_that_a_model_only_thinks_of_is_not_made(owner: Client) -> None:
    frames, parts = await asked(owner, '[[tool=book arguments="{\\"room\\":\\"A\\"}" form=thought]]', "Stand-in told")
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "No tool is needed.")
    assert [part["type"] for part in parts] == ["reasoning", "text"]
