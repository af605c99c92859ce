"""Frames that a client may send over the socket (docs/protocol.md), as typed values. Pure: no Django, no database."""

import json
from typing import Any, Literal
from uuid import UUID

import msgspec

from chat.errors import BadRequest


class ChatPayload(msgspec.Struct):
    """A question. `render` asks for the answer's blocks as HTML besides (docs/protocol.md)."""

    text: str
    conversation_id: UUID | None = None
    model: str | None = None
    strategy: str | None = None
    tools: list[str] | None = None
    data_sources: list[str] = []
    attachments: list[str] = []
    parameters: dict[str, Any] = {}
    render: bool = False


class StopPayload(msgspec.Struct):
    """Which run to stop."""

    run_id: UUID


class ResumePayload(msgspec.Struct):
    """Which run to follow, after which event."""

    run_id: UUID
    after: int = 0
    render: bool = False


class AckPayload(msgspec.Struct):
    """Up to which event the client has taken a run."""

    run_id: UUID
    seq: int


class ApprovePayload(msgspec.Struct):
    """A decision about a tool call."""

    call_id: str
    decision: Literal["once", "always", "deny"]
    arguments: dict[str, Any] | None = None
    words: str = ""
    everywhere: bool = False


class UiPayload(msgspec.Struct):
    """A use of a tool's component."""

    component_id: str
    event: str
    value: Any = None


class Action(msgspec.Struct, tag_field="action"):
    """Any frame of a client."""

    request_id: str | None = None


class Chat(Action, tag="chat", kw_only=True):
    """Ask."""

    payload: ChatPayload


class Stop(Action, tag="stop", kw_only=True):
    """Stop a run."""

    payload: StopPayload


class Resume(Action, tag="resume", kw_only=True):
    """Follow a run."""

    payload: ResumePayload


class Ack(Action, tag="ack", kw_only=True):
    """Acknowledge events."""

    payload: AckPayload


class Approve(Action, tag="approve", kw_only=True):
    """Decide about a tool call."""

    payload: ApprovePayload


class Ui(Action, tag="ui", kw_only=True):
    """Use a component."""

    payload: UiPayload


class Ping(Action, tag="ping"):
    """Ask for a sign of life."""


AnyAction = Chat | Stop | Resume | Ack | Approve | Ui | Ping

_decoder = msgspec.json.Decoder(AnyAction)


def parse(text: str) -> AnyAction:
    """The action of a frame. Raises BadRequest with what is wrong and where."""
    try:
        action: AnyAction = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The frame is not understood: {error}") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        is_json = _read_leniently(text) is not None
        why = "holds half a surrogate pair, which cannot be stored" if is_json else "is not JSON"
        raise BadRequest(f"The frame {why}.") from error
    except RecursionError as error:
        raise BadRequest("The frame is nested too deeply.") from error
    return action


class _Named(msgspec.Struct):
    request_id: str | None = None


def request_id_of(text: str) -> str | None:
    """The `request_id` of a frame that may be wrong otherwise, so that its error finds its way back."""
    try:
        return msgspec.json.decode(text, type=_Named).request_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _request_id_in(text)


def _request_id_in(text: str) -> str | None:
    """The same in JSON that cannot be stored: half a surrogate pair somewhere in it must not leave a client waiting."""
    frame = _read_leniently(text)
    found = frame.get("request_id") if isinstance(frame, dict) else None
    return found if isinstance(found, str) and found.isprintable() else None


def _read_leniently(text: str) -> object:
    """Read a frame with Python's JSON reader, which accepts half a surrogate pair; None if it is not JSON at all."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
