"""The two ASGI servers that can carry the portal."""

MOST_BYTES = 4 * 1024 * 1024  # in one WebSocket message; a longer one closes the socket with 1009
PING_SECONDS = 20.0
SLOWEST_BODY = 4_000  # bytes a second of a request's body, once its first time is over
