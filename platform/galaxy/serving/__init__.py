"""Web servers: the two ASGI servers that can run the portal, and their limits."""

MOST_BYTES = 4 * 1024 * 1024  # in one WebSocket message; a longer one closes the socket with 1009
PING_SECONDS = 20.0
SLOWEST_BODY = 4_000  # bytes of a request's body per second, once its initial time is over
