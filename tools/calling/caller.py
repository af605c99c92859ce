"""The caller of a tool, the way in, and a person's decision about a call."""

from typing import Literal
from uuid import UUID

import msgspec

from accounts.models import User
from tools.specs import Progress, _unheard

Via = Literal["model", "page", "rest", "socket", "mcp", "automation", "tool"]


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The person for whom a call runs, and the way in which it was asked for."""

    person: User
    via: Via
    token_id: UUID | None = None
    conversation_id: UUID | None = None
    run_id: UUID | None = None
    model: str = ""  # that asks
    chosen: frozenset[str] | None = None  # the tools of the chat that it is for; None for all
    timezone: str = "UTC"
    progress: Progress = _unheard

    @property
    def is_model(self) -> bool:
        """True if a model asks, so that a person has not seen the arguments yet."""
        return self.via in {"model", "mcp", "tool"}


class Decided(msgspec.Struct, frozen=True):
    """A person's decision about a waiting call. Edited arguments replace those that the model sent."""

    kind: Literal["once", "always", "deny", "expired"]
    by: UUID | None = None
    everywhere: bool = False  # "always" for the tool, not for this conversation alone
    words: str = ""

    @property
    def allows(self) -> bool:
        """True if the call may run."""
        return self.kind in {"once", "always"}
