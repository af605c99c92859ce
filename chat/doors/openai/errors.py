"""Refusals and failures in the shape and with the statuses of OpenAI's API."""

import math
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from django.http import HttpResponse

from chat.errors import ChatError, OverBudget
from chat.events import Failure

INVALID, SERVER = "invalid_request_error", "server_error"
LONGEST_WAIT = 60.0  # s; OpenAI's client ignores a longer wait and would ask again at once
# The statuses of failures; all others are the server's own and may pass.
STATUSES = {
    "model_refused": 400,
    "bad_request": 400,
    "forbidden": 403,
    "unknown_model": 404,
    "model_rate_limited": 429,
    "over_budget": 429,
    "internal": 500,
}
CODES = {"unknown_model": "model_not_found", "model_rate_limited": "rate_limit_exceeded", "over_budget": "insufficient_quota"}
# Failures that a retry would only repeat: without this, clients would send the request again by themselves.
NOT_AGAIN = {"answer_took_too_long", "model_repeats_itself", "stopped", "model_unauthorised"}
TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}


class Refusal(NamedTuple):
    """A refusal in the form that clients read."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None
    may_pass: bool = True

    def response(self) -> HttpResponse:
        """Return the response to a request that is refused."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after:
            headers["Retry-After"] = str(math.ceil(self.retry_after))
        if not self.may_pass or (self.retry_after or 0) > LONGEST_WAIT:
            headers["x-should-retry"] = "false"
        return HttpResponse(self.as_json(), content_type="application/json", status=self.status, headers=headers)

    def as_json(self) -> bytes:
        """Return its JSON, as a body or as an event of a stream."""
        return msgspec.json.encode(body(self.code, self.message, param=self.param, status=self.status))


class Refused(Exception):
    """A request that is refused."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def bad(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """A request that cannot be understood, or asks for something that does not exist."""
    return Refused(Refusal(400, message, code, param))


def no_model(name: str) -> Refused:
    """A refusal in the same words for a model that does not exist and one that the person may not use."""
    message = f"The model `{name[:80]}` does not exist or you do not have access to it."
    return Refused(Refusal(404, message, "model_not_found", "model"))


def body(code: str | None, message: str, *, param: str | None = None, status: int = 400) -> dict[str, Any]:
    """The JSON of an error."""
    kind = TYPES.get(status) or (INVALID if status < HTTPStatus.INTERNAL_SERVER_ERROR else SERVER)
    kind = "insufficient_quota" if code == "insufficient_quota" else kind
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def of_chat(error: ChatError) -> Refusal:
    """A refusal of a request to chat."""
    code = CODES["over_budget"] if isinstance(error, OverBudget) else error.code
    code = "rate_limit_exceeded" if error.http_status == HTTPStatus.TOO_MANY_REQUESTS and code == error.code else code
    return Refusal(error.http_status, str(error), code, retry_after=error.retry_after)


def of_failure(failure: Failure) -> Refusal:
    """The end of an answer that failed."""
    status = STATUSES.get(failure.code, 503)
    code, again = CODES.get(failure.code, failure.code), failure.code not in NOT_AGAIN
    return Refusal(status, failure.message, code, retry_after=failure.retry_after, may_pass=again)
