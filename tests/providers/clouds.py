"""The wires of clouds: Amazon Bedrock's ConverseStream in binary event-stream messages, and OpenAI's as Azure speaks it."""

import json
import struct
import zlib
from typing import Any

from tests.providers.wires import OpenAI

SIGNATURE = "c2lnbmVkIHRob3VnaHRz"


def message(kind: str, payload: dict[str, Any], *, is_error: bool = False) -> bytes:
    """A message of Amazon's event-stream encoding: lengths, headers and payload, each part with its CRC-32."""
    told = (
        {":exception-type": kind, ":message-type": "exception"} if is_error else {":event-type": kind, ":message-type": "event"}
    )
    headers = b"".join(_header(name, value) for name, value in (told | {":content-type": "application/json"}).items())
    body = json.dumps(payload, ensure_ascii=False).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    prelude += struct.pack("!I", zlib.crc32(prelude))
    return prelude + headers + body + struct.pack("!I", zlib.crc32(prelude + headers + body))


def _header(name: str, value: str) -> bytes:
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()


class Bedrock:
    """Bedrock's ConverseStream: blocks by number, the count in an event of its own at the end."""

    name = "bedrock"
    content_type = "application/vnd.amazon.eventstream"
    cached = 0

    def __init__(self) -> None:
        self.index, self.open = 0, ""

    def _delta(self, kind: str, delta: dict[str, Any]) -> bytes:
        closed = b"" if self.open in {"", kind} else self._close()
        self.open = kind
        return closed + message("contentBlockDelta", {"contentBlockIndex": self.index, "delta": delta})

    def _close(self) -> bytes:
        signed = b""
        if self.open == "reasoning":
            signature = {"reasoningContent": {"signature": SIGNATURE}}
            signed = message("contentBlockDelta", {"contentBlockIndex": self.index, "delta": signature})
        closed = signed + message("contentBlockStop", {"contentBlockIndex": self.index})
        self.index, self.open = self.index + 1, ""
        return closed

    def start(self) -> bytes:
        return message("messageStart", {"role": "assistant"})

    def text(self, piece: str) -> bytes:
        return self._delta("text", {"text": piece})

    def reasoning(self, piece: str) -> bytes:
        return self._delta("reasoning", {"reasoningContent": {"text": piece}})

    def tool(self, name: str, arguments: str, number: int = 0) -> list[bytes]:
        closed = self._close() if self.open else b""
        begun = {"toolUse": {"toolUseId": f"tooluse_{name}{number or ''}", "name": name}}
        head = closed + message("contentBlockStart", {"contentBlockIndex": self.index, "start": begun})
        self.open = f"tool{number}"
        middle = len(arguments) // 2
        parts = (arguments[:middle], arguments[middle:])
        return [head, *(self._delta(self.open, {"toolUse": {"input": part}}) for part in parts)]

    def finish(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        word = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}.get(reason, reason)
        closed = self._close() if self.open else b""
        counted = message("metadata", {"usage": self._usage(usage), "metrics": {"latencyMs": 5}}) if usage else b""
        return closed + message("messageStop", {"stopReason": word}) + counted

    def _usage(self, usage: tuple[int, int]) -> dict[str, int]:
        told = {"inputTokens": usage[0] - self.cached, "outputTokens": usage[1], "totalTokens": sum(usage)}
        return told | {"cacheReadInputTokens": self.cached, "cacheWriteInputTokens": 0} if self.cached else told

    def error(self) -> bytes:
        return message("modelStreamErrorException", {"message": "The model failed while it answered."}, is_error=True)

    def whole(self, text: str, usage: tuple[int, int]) -> Any:
        output = {"message": {"role": "assistant", "content": [{"text": text}]}}
        return {"output": output, "stopReason": "end_turn", "usage": self._usage(usage), "metrics": {"latencyMs": 5}}


class Azure(OpenAI):
    """Azure OpenAI: before the first words, the verdict of its filter on the prompt, without a choice."""

    name = "azure"

    def start(self) -> bytes:
        results = {"hate": {"filtered": False, "severity": "safe"}}
        told = {
            **self.base,
            "id": "",
            "choices": [],
            "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": results}],
        }
        return b"data: " + json.dumps(told).encode() + b"\n\n" + super().start()
