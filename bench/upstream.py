"""The model of the benchmark: OpenAI's and Anthropic's streams written straight to the transport, one write a token."""

import asyncio
import sys
import time
from typing import cast

import uvloop

from bench import wire

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_MODELS = b'{"object":"list","data":[{"id":"bench","object":"model"}]}'
_FLOOD_AT_ONCE = 20


class _OpenAI:
    start = b""
    before = (
        b'data: {"id":"chatcmpl-9xT1","object":"chat.completion.chunk","created":1795253059,"model":"bench",'
        b'"system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"'
    )
    after = b'"},"logprobs":null,"finish_reason":null}]}\n\n'
    end = (
        b'data: {"id":"chatcmpl-9xT1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
        b'data: {"id":"chatcmpl-9xT1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":9}}\n\ndata: [DONE]\n\n'
    )


_CALL = (
    b'data: {"id":"chatcmpl-9xT1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_%d","type":"function",'
    b'"function":{"name":"%b","arguments":"%b"}}]}}]}\n\n'
    b'data: {"id":"chatcmpl-9xT1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n'
)


class _Anthropic:
    start = (
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",'
        b'"model":"bench","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}\n\n'
        b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
        b'"content_block":{"type":"text","text":""}}\n\n'
    )
    before = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"'
    after = b'"}}\n\n'
    end = (
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
        b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},'
        b'"usage":{"output_tokens":9}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n'
    )


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Upstream(asyncio.Protocol):
    """One connection; it answers one request after another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection is there."""
        self.transport, self.received = cast("asyncio.Transport", transport), b""
        self.loop = asyncio.get_running_loop()
        self.timer: asyncio.Handle | None = None
        self.held = False

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self.received += data
        head, mark, body = self.received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if mark and len(body) >= length:
            self.received = b""
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        self.asked_at = time.monotonic_ns()
        if head.startswith(b"GET"):
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(_MODELS), _MODELS))
            return
        wanted = wire.asked(body)
        self.format = _Anthropic if b"/messages" in head.split(b"\r\n", 1)[0] else _OpenAI
        self.left, self.rate = int(wanted["tokens"]), wanted["rate"]
        self.padding = b"x" * int(wanted["pad"])
        if (done := len(wire.RESULT.findall(body))) < wanted["tools"] + wanted["asks"]:
            named = (b"current_time", b"{}") if wanted["asks"] else (b"basic_math", b'{\\"expression\\":\\"%d+1\\"}' % done)
            self.transport.write(_HEAD + _chunked(_CALL % (done, *named)) + b"0\r\n\r\n")
            return
        self.transport.write(_HEAD + (_chunked(self.format.start) if self.format.start else b""))
        self.due = self.loop.time()
        self._write(b" &%d" % self.asked_at)
        self._go_on()

    def _go_on(self) -> None:
        if self.held:
            return
        if self.rate:
            self.due += 1 / self.rate
            self.timer = self.loop.call_at(self.due, self._tick)
        else:
            self.timer = self.loop.call_soon(self._flood)

    def _tick(self) -> None:
        if self._more():
            self._go_on()

    def _flood(self) -> None:
        for _ in range(_FLOOD_AT_ONCE):
            if self.held or not self._more():
                return
        self._go_on()

    def _more(self) -> bool:
        """One token more; whether any are left."""
        if self.left <= 1:
            self.transport.write(_chunked(self.format.end) + b"0\r\n\r\n")
            return False
        self.left -= 1
        self._write(self.padding)
        return True

    def _write(self, extra: bytes) -> None:
        data = b"%b word @%d%b%b" % (self.format.before, time.monotonic_ns(), extra, self.format.after)
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def pause_writing(self) -> None:
        """The reader is slow."""
        self.held = True

    def resume_writing(self) -> None:
        """The reader has caught up."""
        self.held = False
        self.due = self.loop.time()
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """It is gone."""
        self.held = True
        if self.timer:
            self.timer.cancel()


async def main(port: int) -> None:
    """Serves until killed."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port, backlog=1024)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
