"""Errors of requests to chat, in words fit for a person.

ChatError
├── BadRequest       the request cannot be understood
├── NotFound         there is no such thing, or it is another person's: the two are not told apart
├── NotSignedIn      no one is signed in, or no longer
├── NotAllowed       the person may not do this, and knows that the thing exists
├── Busy             the conversation has an answer running
├── TooMany          the person has as many answers running as they may
├── TooManyOpen      the person has as many sockets and event streams open as they may
├── TooManyFollowed  the socket, or all of the person's, follow as many answers as they may
├── OverBudget       a budget of theirs is used up
└── Unavailable      a part that is needed does not answer just now
"""

from typing import ClassVar

from chat.events import Failure


class ChatError(Exception):
    """A request that is refused. `http_status` is its status on the REST door."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False
    retry_after: float | None = None

    def as_failure(self) -> Failure:
        """The error as a frame carries it."""
        return Failure(code=self.code, message=str(self), retryable=self.retryable, retry_after=self.retry_after)


class BadRequest(ChatError):
    """The request cannot be understood."""

    code = "bad_request"


class NotFound(ChatError):
    """There is no such thing for this person."""

    code = "not_found"
    http_status = 404


class NotSignedIn(ChatError):
    """No one is signed in."""

    code = "not_signed_in"
    http_status = 401


class NotAllowed(ChatError):
    """The person may not do this."""

    code = "forbidden"
    http_status = 403


class Busy(ChatError):
    """The conversation has an answer running."""

    code = "busy"
    http_status = 409
    retryable = True


class Locked(ChatError):
    """The conversation's tools were chosen with its first message."""

    code = "tools_locked"
    http_status = 409


class TooMany(ChatError):
    """The person has as many answers running as they may."""

    code = "too_many_answers"
    http_status = 429
    retryable = True
    retry_after = 5.0


class TooManyOpen(ChatError):
    """The person has as many sockets and event streams open as they may."""

    code = "too_many_open"
    http_status = 429
    retryable = True
    retry_after = 10.0


class TooManyFollowed(ChatError):
    """The socket, or all of the person's together, follow as many answers as they may."""

    code = "too_many_followed"
    http_status = 429
    retryable = True
    retry_after = 10.0


class OverBudget(ChatError):
    """A budget is used up. `retry_after` counts seconds until it begins anew."""

    code = "over_budget"
    http_status = 429

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Unavailable(ChatError):
    """A part that is needed does not answer."""

    code = "unavailable"
    http_status = 503
    retryable = True
