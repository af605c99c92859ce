"""The OpenAI-compatible doors of Gemini and Ollama: OpenAI's wire with habits of their own, which show in calls of tools."""

import json
from typing import Any

from tests.providers.wires import SIGNATURE, OpenAI, _sse


class GeminiDoor(OpenAI):
    """Google's: each call in one piece, all with one index and no id, the first of them signed."""

    name = "gemini_door"
    end = ""

    def tool(self, name: str, arguments: str, number: int = 0) -> list[bytes]:
        if not _is_json(arguments):  # Google reads the model's call itself, and tells of a broken one as of an end
            self.end = "function_call_filter: MALFORMED_FUNCTION_CALL"
            return []
        call: dict[str, Any] = {"index": 0, "id": "", "type": "function", "function": {"name": name, "arguments": arguments}}
        signed = {} if number else {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
        return [self._chunk({"role": "assistant", "tool_calls": [call | signed]})]

    def finish(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        return super().finish(self.end or reason, usage)


class OllamaDoor(OpenAI):
    """Ollama's: each call in one piece, all with one index."""

    name = "ollama_door"

    def tool(self, name: str, arguments: str, number: int = 0) -> list[bytes]:
        if not _is_json(arguments):
            message = f"error parsing tool call: raw='{arguments}', err=unexpected end of JSON input"
            return [_sse({"error": {"message": message, "type": "api_error"}})]
        function = {"name": name, "arguments": arguments}
        call = {"index": 0, "id": f"call_{number}x8f", "type": "function", "function": function}
        return [self._chunk({"role": "assistant", "content": "", "tool_calls": [call]})]


def _is_json(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except ValueError:
        return False
