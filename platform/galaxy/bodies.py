"""How much a request may carry. Django keeps a whole body on disk before it asks who sent it: nobody gets to fill that."""

from collections.abc import Iterable

import orjson
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, ASGISendEvent, Scope

MEGABYTE = 2**20
# By the beginning of the path; the longest that fits counts.
MOST_BYTES = {"/": 5 * MEGABYTE}


class LimitedBodies:
    """The application behind it sees no body above the limit of its path; who sends one is answered with 413."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one request; anything else passes."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        most = most_bytes(scope["path"])
        if _declared(scope["headers"]) > most:
            await _refuse(send, most)
            return
        request = _Counted(receive, send, most)
        await self._application(scope, request.receive, request.send)
        if request.is_too_large and not request.has_answered:
            await _refuse(send, most)


def most_bytes(path: str) -> int:
    """The limit of a path."""
    return MOST_BYTES[max((start for start in MOST_BYTES if path.startswith(start)), key=len, default="/")]


def refusal(most: int) -> bytes:
    """What is answered, in the form of the REST API."""
    message = f"The request is too large: it may have {most // MEGABYTE} MB."
    return orjson.dumps({"error": {"code": "too_large", "message": message}})


class _Counted:
    """One request, whose body comes without a length or with one that cannot be trusted."""

    def __init__(self, receive: ASGIReceiveCallable, send: ASGISendCallable, most: int) -> None:
        self._receive, self._send, self._left = receive, send, most
        self.has_answered = False

    @property
    def is_too_large(self) -> bool:
        return self._left < 0

    async def receive(self) -> ASGIReceiveEvent:
        """The next part; above the limit it looks as if the client were gone, which every application stops at."""
        if not self.is_too_large:
            event = await self._receive()
            if event["type"] != "http.request":
                return event
            self._left -= len(event.get("body", b""))
            if not self.is_too_large:
                return event
        return {"type": "http.disconnect"}

    async def send(self, event: ASGISendEvent) -> None:
        """Pass it on, and remember that there is an answer."""
        self.has_answered = True
        await self._send(event)


def _declared(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The Content-Length; 0 without one. What is no number the server has refused already."""
    given = [value for name, value in headers if name == b"content-length"]
    return max((int(value) for value in given if value.isdigit()), default=0)


async def _refuse(send: ASGISendCallable, most: int) -> None:
    body = refusal(most)
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
