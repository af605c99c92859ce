"""Parts on the wires: what a provider wants back goes back as it was, and to its origin alone."""

import msgspec
import pytest

from chat import parts
from chat.parts import AnyPart, Origin, Reasoning, Text, ToolCall, ToolResult
from chat.prompts import context
from chat.prompts.context import Branch
from chat.providers.base import ModelConfig, ReasoningData, Request, ToolCallDelta, Turn
from chat.providers.wires import messages
from chat.providers.wires.openai_delta import Answer
from chat.runs.loop.calls import Calls

CLAUDE = ModelConfig("Claude", "anthropic", "claude", "https://claude.example", "key")
HERE = CLAUDE.origin


def answer(*said: AnyPart, model: ModelConfig = CLAUDE) -> Request:
    return Request(model, [Turn.said("system", "Be brief."), Turn.said("user", "Go."), Turn("assistant", said)])


def thinking(text: str, signature: str, origin: Origin = HERE) -> Reasoning:
    return Reasoning(text, origin=origin, data={"signature": signature})


def test_interleaved_thinking_goes_back_in_its_order_and_unchanged() -> None:
    call = ToolCall("abcdefghi", "clean", '{"b": 1, "a": 2}', origin=HERE, data={"id": "toolu_01"})
    said = (
        thinking("First.", "s1=="),
        Text("Let me see."),
        thinking("Second.", "s2=="),
        call,
        ToolResult("abcdefghi", "succeeded"),
    )
    *_, made, result = messages.for_litellm(answer(*said))
    assert made["content"] == [
        {"type": "thinking", "thinking": "First.", "signature": "s1=="},
        {"type": "text", "text": "Let me see."},
        {"type": "thinking", "thinking": "Second.", "signature": "s2=="},
    ]
    assert made["tool_calls"][0] == {
        "id": "toolu_01", "type": "function", "function": {"name": "clean", "arguments": '{"b": 1, "a": 2}'},
    }  # fmt: skip
    assert result == {"role": "tool", "tool_call_id": "toolu_01", "content": "(no output)"}


def test_redacted_thinking_goes_back_before_the_words() -> None:
    said = (Reasoning(redacted=True, origin=HERE, data={"data": "xyz"}), thinking("Hm.", "s1=="), Text("So."))
    made = messages.for_litellm(answer(*said))[-1]
    assert [block["type"] for block in made["thinking_blocks"]] == ["redacted_thinking", "thinking"]
    assert made["content"] == "So."


@pytest.mark.parametrize(
    "other",
    [
        ModelConfig("Other", "openai", "gpt", "https://claude.example", "key"),
        ModelConfig("Other", "anthropic", "claude-next", "https://claude.example", "key"),
        ModelConfig("Other", "anthropic", "claude", "https://claude.example", "another key"),
    ],
    ids=["provider", "model", "credential"],
)
def test_what_one_provider_wants_back_no_other_gets(other: ModelConfig) -> None:
    call = ToolCall("abcdefghi", "clean", origin=HERE, data={"id": "toolu_01", "provider_specific_fields": {"s": "1"}})
    request = answer(thinking("Hm.", "s1=="), call, ToolResult("abcdefghi", "succeeded", "Done."), model=other)
    for serialized in (messages.for_litellm(request), messages.for_openai(request)):
        sent = msgspec.json.encode(serialized).decode()
        assert not any(word in sent for word in ("s1==", "Hm.", "toolu_01", "provider_specific_fields"))
        assert sent.count("abcdefghi") == 2


def test_deepseek_gets_its_thoughts_back_with_every_call_even_empty_ones() -> None:
    deepseek = ModelConfig("DeepSeek", "deepseek", "deepseek-reasoner", "", "key")
    thought = Reasoning("Hm.", origin=deepseek.origin, data={"field": "reasoning_content"})
    first, second = ToolCall("aaaaaaaaa", "clean"), ToolCall("bbbbbbbbb", "clean")
    done = [ToolResult(call.call, "succeeded", "Done.") for call in (first, second)]
    sent = messages.for_openai(answer(thought, first, done[0], second, done[1], Text("Clean."), model=deepseek))
    assert [turn.get("reasoning_content") for turn in sent if turn["role"] == "assistant"] == ["Hm.", "", None]


def test_details_of_openrouter_are_put_together_and_go_back_whole() -> None:
    reading = Answer(ModelConfig("Router", "openrouter", "m"))
    for detail in (
        {"type": "reasoning.text", "text": "Fi", "index": 0, "format": "x"},
        {"type": "reasoning.text", "text": "rst.", "signature": "s1==", "index": 0, "format": "x"},
        {"type": "reasoning.encrypted", "data": "xyz", "index": 1, "format": "x"},
    ):
        reading.read(b"data: " + msgspec.json.encode({"choices": [{"delta": {"reasoning_details": [detail]}}]}))
    assert reading.close() == [
        ReasoningData(
            {
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "First.", "signature": "s1==", "index": 0, "format": "x"},
                    {"type": "reasoning.encrypted", "data": "xyz", "index": 1, "format": "x"},
                ]
            }
        )
    ]


def test_results_go_back_in_the_order_of_their_calls_and_none_is_missing() -> None:
    calls = [ToolCall(letter * 9, "clean") for letter in "abc"]
    results = [ToolResult("ccccccccc", "denied", "No."), ToolResult("aaaaaaaaa", "succeeded", "Yes.")]
    sent = messages.for_openai(answer(*calls, *results))
    told = [(turn["tool_call_id"], turn["content"]) for turn in sent if turn["role"] == "tool"]
    assert told == [("aaaaaaaaa", "Yes."), ("bbbbbbbbb", parts.NOT_RUN), ("ccccccccc", "No.")]


def test_an_answer_that_goes_on_after_results_is_not_told_to_continue() -> None:
    begun: list[AnyPart] = [ToolCall("aaaaaaaaa", "clean"), ToolResult("aaaaaaaaa", "succeeded", "Done.")]
    assert [turn.role for turn in context.turns_for(Branch([Turn.said("user", "Go.")], begun))][-1] == "assistant"
    assert [turn.role for turn in context.turns_for(Branch([Turn.said("user", "Go.")], [Text("So")]))][-1] == "user"


def called(*deltas: ToolCallDelta) -> list[tuple[str, str, str]]:
    calls = Calls()
    for delta in deltas:
        calls.take(delta)
    made = calls.parts(1, HERE)
    assert len({call.call for call in made}) == len(made)
    assert all(len(call.call) == 9 for call in made)
    return [((call.data or {}).get("id", ""), call.name, call.arguments) for call in made]


def test_calls_are_told_apart_however_they_come() -> None:
    Delta = ToolCallDelta  # noqa: N806
    assert called(Delta(0, "x", "a", '{"p":1}'), Delta(0, "y", "b", '{"q":2}')) == [
        ("x", "a", '{"p":1}'),
        ("y", "b", '{"q":2}'),
    ]
    assert called(Delta(0, None, "a", '{"p":1}'), Delta(0, None, "a", '{"p":2}')) == [
        ("", "a", '{"p":1}'),
        ("", "a", '{"p":2}'),
    ]
    assert called(Delta(0, "x", "a"), Delta(0, None, None, '{"p"'), Delta(0, None, None, ":1}")) == [("x", "a", '{"p":1}')]
    assert called(Delta(0, "x", "a", ""), Delta(1, "y", "b", "{}"), Delta(0, "x", None, '{"p":1}'))[0] == ("x", "a", '{"p":1}')
    assert called(Delta(0, "x", "get_", ""), Delta(0, None, "time", "{}")) == [("x", "get_time", "{}")]
    assert called(Delta(0, "x", "a", '{"p":')) == [("x", "a", '{"INVALID_JSON": "{\\"p\\":"}')]


def test_parts_are_stored_and_read_as_they_are() -> None:
    every: list[AnyPart] = [
        thinking("Hm.", "s1=="),
        Text("So."),
        ToolCall("aaaaaaaaa", "clean", step=2),
        ToolResult("aaaaaaaaa", "denied"),
    ]
    assert parts.decode(parts.encode(every)) == every
    assert parts.text_of(every) == "So."
    assert all("data" not in part and "origin" not in part for part in parts.public(every))
