"""Each provider's protocol, as bytes on the wire. Pure: no sockets, no time limits, no faults."""

import json
import time
from typing import Any, Protocol

SIGNATURE = "EqQBCgIYAhIkc2lnbmVk+/=="  # of thinking; a provider wants it back as it was
MODELS = ["stand-in-small", "stand-in-large"]


def _sse(data: Any, event: str = "", end: str = "\n\n") -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}{end}".encode()


class Wire(Protocol):
    """One protocol: the bytes of each part of a streamed answer."""

    name: str
    content_type: str
    cached: int  # tokens of the prompt that it says it had read before

    def start(self) -> bytes: ...
    def text(self, piece: str) -> bytes: ...
    def reasoning(self, piece: str) -> bytes: ...
    def tool(self, name: str, arguments: str, number: int = 0) -> list[bytes]: ...
    def finish(self, reason: str, usage: tuple[int, int] | None) -> bytes: ...
    def error(self) -> bytes: ...
    def whole(self, text: str, usage: tuple[int, int]) -> Any: ...


class OpenAI:
    """OpenAI's chat completions."""

    name = "openai"
    content_type = "text/event-stream"
    done = b"data: [DONE]\n\n"
    cached = 0

    def __init__(self, model: str, *, include_usage: bool) -> None:
        self.include_usage = include_usage
        self.base = {"id": "chatcmpl-9xT1", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _sse({**self.base, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})

    def start(self) -> bytes:
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def text(self, piece: str) -> bytes:
        return self._chunk({"content": piece})

    def reasoning(self, piece: str) -> bytes:
        return self._chunk({"reasoning_content": piece})

    def tool(self, name: str, arguments: str, number: int = 0) -> list[bytes]:
        call_id = f"call_7Yp{number or ''}"
        head = {"index": number, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
        middle = len(arguments) // 2
        parts = [{"index": number, "function": {"arguments": part}} for part in (arguments[:middle], arguments[middle:])]
        return [self._chunk({"tool_calls": [call]}) for call in (head, *parts)]

    def finish(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        last = self._chunk({}, reason)
        if usage and self.include_usage:
            last += _sse({**self.base, "choices": [], "usage": self._usage(usage)})
        return last + self.done

    def _usage(self, usage: tuple[int, int]) -> dict[str, Any]:
        told = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        return told | {"prompt_tokens_details": {"cached_tokens": self.cached, "audio_tokens": 0}} if self.cached else told

    def error(self) -> bytes:
        return _sse({"error": {"message": "The server had an error", "type": "server_error", "code": None, "param": None}})

    def whole(self, text: str, usage: tuple[int, int]) -> Any:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {**self.base, "object": "chat.completion", "choices": [choice], "usage": self._usage(usage)}


class Anthropic:
    """Anthropic's messages: named events, content in numbered blocks."""

    name = "anthropic"
    content_type = "text/event-stream; charset=utf-8"
    cached = 0

    def __init__(self, model: str, prompt_tokens: int) -> None:
        self.model, self.prompt_tokens = model, prompt_tokens
        self.index, self.open = -1, ""

    def _event(self, kind: str, **members: Any) -> bytes:
        return _sse({"type": kind, **members}, kind)

    def _block(self, kind: str, block: dict[str, Any]) -> bytes:
        if self.open == kind:
            return b""
        closed = self._close()
        self.index, self.open = self.index + 1, kind
        return closed + self._event("content_block_start", index=self.index, content_block={"type": kind, **block})

    def _close(self) -> bytes:
        if not self.open:
            return b""
        signed = self._delta(type="signature_delta", signature=SIGNATURE) if self.open == "thinking" else b""
        return signed + self._event("content_block_stop", index=self.index)

    def _delta(self, **delta: Any) -> bytes:
        return self._event("content_block_delta", index=self.index, delta=delta)

    def start(self) -> bytes:
        usage = {"input_tokens": self.prompt_tokens - self.cached, "output_tokens": 1}
        usage |= {"cache_read_input_tokens": self.cached, "cache_creation_input_tokens": 0} if self.cached else {}
        message = {"id": "msg_01X", "type": "message", "role": "assistant", "model": self.model, "content": []}
        rest = {"stop_reason": None, "stop_sequence": None, "usage": usage}
        return self._event("message_start", message={**message, **rest}) + self._event("ping")

    def text(self, piece: str) -> bytes:
        return self._block("text", {"text": ""}) + self._delta(type="text_delta", text=piece)

    def reasoning(self, piece: str) -> bytes:
        opened = self._block("thinking", {"thinking": "", "signature": ""})
        return opened + self._delta(type="thinking_delta", thinking=piece)

    def tool(self, name: str, arguments: str, number: int = 0) -> list[bytes]:
        closed, self.open = self._close(), ""  # each call is a block of its own
        head = closed + self._block("tool_use", {"id": f"toolu_01{number or ''}", "name": name, "input": {}})
        middle = len(arguments) // 2
        parts = (arguments[:middle], arguments[middle:])
        return [head, *(self._delta(type="input_json_delta", partial_json=part) for part in parts)]

    def finish(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        word = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}.get(reason, reason)
        counted = {"output_tokens": usage[1] if usage else 0}
        delta = self._event("message_delta", delta={"stop_reason": word, "stop_sequence": None}, usage=counted)
        return self._close() + delta + self._event("message_stop")

    def error(self) -> bytes:
        return self._event("error", error={"type": "overloaded_error", "message": "Overloaded"})

    def whole(self, text: str, usage: tuple[int, int]) -> Any:
        counted = {"input_tokens": usage[0], "output_tokens": usage[1]}
        base = {"id": "msg_01X", "type": "message", "role": "assistant", "model": self.model, "stop_reason": "end_turn"}
        return {**base, "content": [{"type": "text", "text": text}], "stop_sequence": None, "usage": counted}


class Gemini:
    """Gemini's generateContent: every event a whole little answer."""

    name = "gemini"
    content_type = "text/event-stream"
    cached = 0

    def __init__(self, model: str, prompt_tokens: int) -> None:
        self.model, self.prompt_tokens = model, prompt_tokens

    def _answer(self, parts: list[dict[str, Any]], finish: str = "", tokens: int = 0) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        usage = {"promptTokenCount": self.prompt_tokens, "candidatesTokenCount": tokens}
        usage["totalTokenCount"] = self.prompt_tokens + tokens
        usage |= {"cachedContentTokenCount": self.cached} if self.cached else {}
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": self.model, "responseId": "r1"}

    def start(self) -> bytes:
        return b""

    def text(self, piece: str) -> bytes:
        return _sse(self._answer([{"text": piece}]), end="\r\n\r\n")

    def reasoning(self, piece: str) -> bytes:
        return _sse(self._answer([{"text": piece, "thought": True}]), end="\r\n\r\n")

    def tool(self, name: str, arguments: str, number: int = 0) -> list[bytes]:
        try:
            part: dict[str, Any] = {"functionCall": {"name": name, "args": json.loads(arguments)}}
        except ValueError:  # the provider reads the model's call itself, and tells of a broken one as of an end
            return [_sse(self._answer([], "MALFORMED_FUNCTION_CALL"), end="\r\n\r\n")]
        if not number:  # the first of parallel calls alone is signed
            part["thoughtSignature"] = SIGNATURE
        return [_sse(self._answer([part]), end="\r\n\r\n")]

    def finish(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        word = {"length": "MAX_TOKENS", "content_filter": "SAFETY"}.get(reason, "STOP")
        return _sse(self._answer([{"text": ""}], word, usage[1] if usage else 0), end="\r\n\r\n")

    def error(self) -> bytes:
        return _sse({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}, end="\r\n\r\n")

    def whole(self, text: str, usage: tuple[int, int]) -> Any:
        return self._answer([{"text": text}], "STOP", usage[1])


class Ollama:
    """Ollama's own chat: one JSON object a line."""

    name = "ollama"
    content_type = "application/x-ndjson"
    cached = 0  # its protocol has no word for them

    def __init__(self, model: str) -> None:
        self.base = {"model": model, "created_at": "2026-01-01T00:00:00.000000Z"}

    def _line(self, message: dict[str, Any], *, done: bool = False, **rest: Any) -> bytes:
        value = {**self.base, "message": {"role": "assistant", "content": "", **message}, "done": done, **rest}
        return json.dumps(value, ensure_ascii=False).encode() + b"\n"

    def start(self) -> bytes:
        return b""

    def text(self, piece: str) -> bytes:
        return self._line({"content": piece})

    def reasoning(self, piece: str) -> bytes:
        return self._line({"thinking": piece})

    def tool(self, name: str, arguments: str, _number: int = 0) -> list[bytes]:
        try:
            call = {"function": {"name": name, "arguments": json.loads(arguments)}}
        except ValueError as error:  # it reads the model's call itself
            return [json.dumps({"error": f"error parsing tool call: raw='{arguments}', err={error}"}).encode() + b"\n"]
        return [self._line({"tool_calls": [call]})]

    def finish(self, reason: str, usage: tuple[int, int] | None) -> bytes:
        counted = {"prompt_eval_count": usage[0], "eval_count": usage[1]} if usage else {}
        return self._line({}, done=True, done_reason="length" if reason == "length" else "stop", total_duration=5, **counted)

    def error(self) -> bytes:
        return b'{"error":"an error was encountered while running the model"}\n'

    def whole(self, text: str, usage: tuple[int, int]) -> Any:
        counted = {"prompt_eval_count": usage[0], "eval_count": usage[1]}
        return {**self.base, "message": {"role": "assistant", "content": text}, "done": True, "done_reason": "stop", **counted}
