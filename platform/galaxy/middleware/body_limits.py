"""Limits on request bodies. Django stores a whole body on disk before it knows the sender, who must not fill the disk."""

from collections.abc import Iterable

import orjson
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, ASGISendEvent, Scope

MEGABYTE = 2**20
# By the start of the path; the longest match counts.
MOST_BYTES = {"/": 5 * MEGABYTE, "/v1/chat/completions": 20 * MEGABYTE}  # with images


class LimitedBodies:
    """Hides bodies above the path's limit from the application behind it, and answers 413."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one request; pass anything else on."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        most = most_bytes(scope["path"])
        if _declared(scope["headers"]) > most:
            await _refuse(send, scope["path"], most)
            return
        request = _Counted(receive, send, most)
        await self._application(scope, request.receive, request.send)
        if request.is_too_large and not request.has_answered:
            await _refuse(send, scope["path"], most)


def most_bytes(path: str) -> int:
    """Return the limit of a path."""
    return MOST_BYTES[max((start for start in MOST_BYTES if path.startswith(start)), key=len, default="/")]


def refusal(path: str, most: int) -> bytes:
    """Build the answer, in the form of the REST API, or below `/v1/` in OpenAI's."""
    message = f"The request is too large. The limit is {most // MEGABYTE} MB."
    if path.startswith("/v1/"):
        told = {"message": message, "type": "invalid_request_error", "param": None, "code": "request_too_large"}
        return orjson.dumps({"error": told})
    return orjson.dumps({"error": {"code": "too_large", "message": message}})


class _Counted:
    """One request whose body has no length, or an untrustworthy one."""

    def __init__(self, receive: ASGIReceiveCallable, send: ASGISendCallable, most: int) -> None:
        self._receive, self._send, self._left = receive, send, most
        self.has_answered = False

    @property
    def is_too_large(self) -> bool:
        return self._left < 0

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next part. Above the limit, pretend that the client left, at which every application stops."""
        if not self.is_too_large:
            event = await self._receive()
            if event["type"] != "http.request":
                return event
            self._left -= len(event.get("body", b""))
            if not self.is_too_large:
                return event
        return {"type": "http.disconnect"}

    async def send(self, event: ASGISendEvent) -> None:
        """Pass it on and note that the answer has started."""
        self.has_answered = True
        await self._send(event)


def _declared(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return the Content-Length; 0 without one. The server has already refused an invalid one."""
    given = [value for name, value in headers if name == b"content-length"]
    return max((int(value) for value in given if value.isdigit()), default=0)


async def _refuse(send: ASGISendCallable, path: str, most: int) -> None:
    body = refusal(path, most)
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
