"""A question, as it goes from any door to its run: one value, checked whole before anything is reserved for it."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec

from accounts.storage import texts
from chat.errors import BadRequest
from chat.providers.given import Given
from chat.providers.parameters import Parameters, parse

LONGEST_TEXT = 200_000
# What a question may name that no one here has. Ignored in silence, it would seem to have been used.
NAMED = {"data_sources": "data source", "attachments": "attachment"}


class Question(msgspec.Struct, frozen=True):
    """Question to a model, by default to the conversation's last one; `request_id` makes a repeated send one run."""

    text: str
    conversation_id: UUID | None = None
    model: str | None = None
    parameters: Parameters = Parameters()
    request_id: str | None = None
    tools: tuple[str, ...] | None = None  # names; None: all that the person may use, or as the conversation has it

    @property
    def request_key(self) -> str | None:
        """The same for the same question of the same client."""
        if self.request_id is None:
            return None
        return hashlib.sha256(f"{self.request_id}\0{self.conversation_id}\0{self.text}".encode()).hexdigest()


class Completion(msgspec.Struct, frozen=True):
    """A program's request: it is given whole, and neither it nor its answer is kept."""

    model: str
    given: Given
    parameters: Parameters = Parameters()
    galaxy_tools: tuple[str, ...] | None = ()  # Galaxy's, by name; None: all that the person may use


def parse_question(given: dict[str, Any]) -> Question:
    """The question of what a door was given, by the names of docs/protocol.md. Raises BadRequest for whatever is wrong."""
    _refuse_unknown(given)
    _check_text(given["text"])
    parameters = _parameters(given.get("parameters") or {})
    request_id = given.get("request_id") or None
    named = given.get("tools")
    tools = None if named is None else tuple(dict.fromkeys(named))
    return Question(given["text"], given.get("conversation_id"), given.get("model") or None, parameters, request_id, tools)


def _refuse_unknown(given: dict[str, Any]) -> None:
    if (strategy := given.get("strategy")) not in (None, "single"):
        raise BadRequest(f"There is no strategy called {strategy!r}.")
    for name, what in NAMED.items():
        if names := given.get(name):
            raise BadRequest(f"There is no {what} called {names[0]!r}.")


def _check_text(text: str) -> None:
    if texts.is_blank(text):
        raise BadRequest("The message is empty.")
    if not texts.is_clean(text):
        raise BadRequest("The message holds a NUL character or half a surrogate pair, which cannot be stored.")
    if len(text) > LONGEST_TEXT:
        raise BadRequest(f"The message has {len(text):,} characters. The most is {LONGEST_TEXT:,}; shorten or split it.")


def _parameters(given: dict[str, Any]) -> Parameters:
    try:
        return parse(given)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The parameters are not understood: {error}") from error
