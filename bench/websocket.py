"""A WebSocket client with as little in it as can be, so that what is measured is the server."""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable
from typing import cast

_LONG, _LONGER = 126, 127
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10

OnText = Callable[["Socket", bytes, int], None]


class Socket(asyncio.Protocol):
    """One connection. `on_text` gets each message's bytes with the moment at which they had come."""

    def __init__(self, host: str, path: str, cookie: str, on_text: OnText) -> None:
        self.host, self.path, self.cookie, self.on_text = host, path, cookie, on_text
        self.buffer = bytearray()
        self.open = asyncio.get_running_loop().create_future()
        self.closed = 0
        self.parts = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection is there."""
        self.transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self.path} HTTP/1.1",
            f"Host: {self.host}",
            f"Origin: http://{self.host}",
            f"Cookie: {self.cookie}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        ]
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        now = time.monotonic_ns()
        self.buffer += data
        if not self.open.done():
            self._shake_hands()
        while self.open.done() and (frame := self._frame()) is not None:
            self._handle(*frame, now)

    def _shake_hands(self) -> None:
        head, mark, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not mark:
            return
        self.buffer = bytearray(rest)
        if b" 101 " in head.split(b"\r\n", 1)[0]:
            self.open.set_result(None)
        else:
            self.open.set_exception(ConnectionError(head[:200].decode(errors="replace")))

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame; the server's are not masked."""
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 0x7F, 2
        if length == _LONG:
            length, start = struct.unpack_from(">H", buffer, 2)[0] if len(buffer) >= 4 else 1 << 30, 4
        elif length == _LONGER:
            length, start = struct.unpack_from(">Q", buffer, 2)[0] if len(buffer) >= 10 else 1 << 30, 10
        if len(buffer) < start + length:
            return None
        first, payload = buffer[0], bytes(buffer[start : start + length])
        del buffer[: start + length]
        return first, payload

    def _handle(self, first: int, payload: bytes, now: int) -> None:
        kind = first & 0x0F
        if kind == _PING:
            self._write(_PONG, payload)
        elif kind == _CLOSE:
            self.closed = struct.unpack(">H", payload[:2])[0] if payload else 1005
            self.transport.close()
        elif kind <= _TEXT:
            self.parts += payload
            if first & 0x80:
                whole, self.parts = self.parts, b""
                self.on_text(self, whole, now)

    def send(self, text: bytes) -> None:
        """Sends a message."""
        self._write(_TEXT, text)

    def _write(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([0x80 | kind, 0x80 | size]) if size < _LONG else struct.pack(">BBH", 0x80 | kind, 0x80 | _LONG, size)
        self.transport.write(head + b"\0\0\0\0" + payload)  # a mask of zeros changes nothing

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone."""
        self.closed = self.closed or 1006
        if not self.open.done():
            self.open.set_exception(error or ConnectionError("The server hung up."))


async def connect(port: int, path: str, cookie: str, on_text: OnText) -> Socket:
    """An open socket."""
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: Socket(f"127.0.0.1:{port}", path, cookie, on_text), "127.0.0.1", port)
    await made.open
    return made
