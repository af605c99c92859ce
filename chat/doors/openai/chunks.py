"""An answer as OpenAI's stream: one JSON document an event, `[DONE]` at the end."""

from collections.abc import Iterator
from typing import Any

import msgspec

from chat.doors.openai.errors import Refusal
from chat.doors.openai.reading import Calls, End, Failed, Piece, Words
from chat.doors.openai.whole import called, counted, head
from chat.runs.create_run import Started

DONE = b"data: [DONE]\n\n"


class Chunks:
    """Makes the events of one answer. Words that turn out to be thoughts afterwards stay: they have been sent already."""

    def __init__(self, started: Started, *, with_usage: bool) -> None:
        self._head = head(started, "chat.completion.chunk")
        self._with_usage = with_usage

    def first(self) -> bytes:
        """The event that opens the answer."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def of(self, piece: Piece) -> bytes:
        """Return the events of a piece."""
        return b"".join(self._of(piece))

    def _of(self, piece: Piece) -> Iterator[bytes]:
        match piece:
            case Words(text, is_thought):
                yield self._chunk({"reasoning_content" if is_thought else "content": text})
            case Calls(calls):
                yield self._chunk({"tool_calls": [{"index": place} | called(call) for place, call in enumerate(calls)]})
            case Failed(refusal):
                yield failure(refusal)
            case End(reason, usage):
                yield self._chunk({}, reason)
                if self._with_usage:
                    yield _event(self._head | {"choices": [], "usage": counted(usage)})
                yield DONE

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        usage = {"usage": None} if self._with_usage else {}
        return _event(self._head | {"choices": [choice]} | usage)


def failure(refusal: Refusal) -> bytes:
    """The last event of a stream that cannot go on."""
    return b"data: %s\n\n" % refusal.as_json()


def _event(told: dict[str, Any]) -> bytes:
    return b"data: %s\n\n" % msgspec.json.encode(told)
