"""An answer as one JSON document."""

import time
from collections.abc import AsyncIterator
from typing import Any

from chat.doors.openai.errors import Refused
from chat.doors.openai.reading import Calls, End, Failed, Piece, Rethought, Step, Words
from chat.events import Usage
from chat.runs.create_run import Started


async def completion(started: Started, pieces: AsyncIterator[Piece]) -> dict[str, Any]:
    """Return the answer once it is complete. Raises Refused if it failed."""
    message = _Message()
    async for piece in pieces:
        match piece:
            case Words(text, is_thought):
                (message.thoughts if is_thought else message.words).append(text)
            case Step():
                message.step_at = len(message.words)
            case Rethought():
                message.rethink()
            case Calls(calls):
                message.calls = calls
            case Failed(refusal):
                raise Refused(refusal)
            case End(reason, usage):
                choice = {"index": 0, "message": message.told(), "logprobs": None, "finish_reason": reason}
                return head(started, "chat.completion") | {"choices": [choice], "usage": counted(usage)}
    raise AssertionError("a run's log has an end")


class _Message:
    def __init__(self) -> None:
        self.words: list[str] = []
        self.thoughts: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.step_at = 0  # where the words of this step begin

    def rethink(self) -> None:
        self.thoughts += self.words[self.step_at :]
        del self.words[self.step_at :]

    def told(self) -> dict[str, Any]:
        content = "".join(self.words)
        told = {"role": "assistant", "content": content if content or not self.calls else None, "refusal": None}
        if self.thoughts:
            told["reasoning_content"] = "".join(self.thoughts)
        return told | ({"tool_calls": [called(call) for call in self.calls]} if self.calls else {})


def called(call: dict[str, Any]) -> dict[str, Any]:
    """Return a tool call in OpenAI's form."""
    return {"id": call["call_id"], "type": "function", "function": {"name": call["tool"], "arguments": call["arguments"]}}


def head(started: Started, kind: str) -> dict[str, Any]:
    """Return the fields that each answer and each chunk begins with."""
    return {"id": f"chatcmpl-{started.run_id.hex}", "object": kind, "created": int(time.time()), "model": started.model}


def counted(usage: Usage) -> dict[str, Any]:
    """Return the tokens of an answer in OpenAI's form."""
    tokens = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    tokens["total_tokens"] = sum(tokens.values())
    return tokens | {"prompt_tokens_details": {"cached_tokens": usage.cached_tokens}}
