"""Reasons why a call is not made. Their words are fit for people and models; nothing has run.

CallRefused
├── UnknownTool     there is no such tool, or the person may not know of it
├── NotPermitted    the person may use it, but not with these arguments
├── BadArguments    they do not fit the schema; `complaints` say where
├── NeedsApproval   a person must decide first; `call_id` names the call that waits
├── TooMuch         a budget or a limit of calls is reached; says when to come back
└── NotPossible     the call is over, or not of this kind
"""

from typing import ClassVar


class CallRefused(Exception):
    """A call that was not made."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400


class UnknownTool(CallRefused):
    """There is no such tool for this person."""

    code = "unknown_tool"
    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no tool called {name[:80]}.")


class NotPermitted(CallRefused):
    """The person may not use the tool like this."""

    code = "forbidden"
    status = 403


class BadArguments(CallRefused):
    """The arguments do not fit. `complaints` have a path, what was expected and what came."""

    code = "bad_arguments"
    status = 422

    def __init__(self, tool: str, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__(f"The arguments do not fit {tool}: {'; '.join(complaints)}. Nothing has run.")


class NeedsApproval(CallRefused):
    """A person must decide before it runs."""

    code = "approval_required"
    status = 409

    def __init__(self, call_id: str, reason: str, *, by_another: bool = False) -> None:
        self.call_id, self.reason, self.by_another = call_id, reason, by_another
        super().__init__(reason)


class TooMuch(CallRefused):
    """A budget has too little left. `retry_after` counts seconds."""

    code = "over_budget"
    status = 429

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class TooMany(TooMuch):
    """The person has as many calls running in the background as one may have."""

    code = "too_many_calls"


class NotPossible(CallRefused):
    """The call is over, or was never this person's."""

    code = "not_found"
    status = 404
