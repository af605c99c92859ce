"""Sockets on uvicorn that are closed because of their client's data, such as a message that is too long.

Uvicorn closes such a connection while the client is still sending. The kernel then resets it, and the client never sees the
close code. Here, the remaining data is read and dropped first.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

SILENCE_SECONDS = 1.0  # after this long without a byte, the client has sent everything
LONGEST_SECONDS = 10.0


class HeardOutProtocol(WebSocketsSansIOProtocol):
    """A socket that ignores further data once it has failed."""

    _until: float | None = None

    def data_received(self, data: bytes) -> None:
        """Parse the data, or drop it."""
        if self._until is None:
            super().data_received(data)
        else:
            self._wait_for_silence(self._until)

    def handle_parser_exception(self) -> None:
        """Send the close code, inform the application, and read until the client is silent."""
        if closed := self.conn.close_sent:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": closed.code, "reason": closed.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self.disconnected = True
        self.stop_keepalive()
        self.read_paused = False
        self.transport.resume_reading()
        self._until = self.loop.time() + LONGEST_SECONDS
        self._wait_for_silence(self._until)

    def _wait_for_silence(self, until: float) -> None:
        if self.close_timer is not None:  # uvicorn's own timer, which it cancels when the connection is lost
            self.close_timer.cancel()
        at = min(until, self.loop.time() + SILENCE_SECONDS)
        self.close_timer = self.loop.call_at(at, self.transport.close)
