"""The pieces of an answer while the frames of its run pass by. Pure."""

from collections.abc import Sequence
from typing import Any

from chat import events
from chat.delivery.drawing.pieces import Artifact, Call, Calls, Component, Piece, Pieces


def take(pieces: Pieces, frame: events.AnyFrame) -> Sequence[Piece]:
    """Add what the frame tells; gives the pieces that are to be drawn anew. Words are not among them."""
    match frame:
        case events.ChunkFrame(chunk=events.Chunk(type="text" | "reasoning" as kind, data=str(data))):
            pieces.say(kind, data, frame.seq)
        case events.ChunkFrame(chunk=events.Chunk(type="ui", data=data)):
            return [pieces.add(Component(str(data.get("component_id", "")), data.get("block") or {}, frame.seq))]
        case events.EventFrame(event=event):
            return _take_event(pieces, event, frame.seq)
        case events.Approval():
            call = pieces.call(frame.call_id)
            group = pieces.group(frame.call_id)
            if call and group:
                call.state = "waiting"
                return [group]
        case events.Complete() | events.ErrorFrame():
            return pieces.end()
    return ()


def _take_event(pieces: Pieces, event: events.ProcessEvent, number: int) -> Sequence[Piece]:
    told = event.data.metadata or {}
    match event.type:
        case "thinking" if events.is_rethought(event):
            pieces.rethink()
        case "process_start":
            pieces.begin_step()
        case "tool_selection" if told.get("calls"):
            return [pieces.add(Calls([_call(one, event.timestamp) for one in told["calls"]], number))]
        case "tool_execution":
            return _go_on(pieces, event, told)
        case "artifact_creation" if told.get("artifact_id"):
            artifact = Artifact(str(told["artifact_id"]), int(told.get("version", 1)), str(told.get("name", "")), number)
            return [pieces.add(artifact)]
    return ()


def _call(told: dict[str, Any], since: int) -> Call:
    return Call(
        call=str(told.get("call_id", "")),
        name=str(told.get("tool", "")),
        title=str(told.get("title", "")),
        arguments=str(told.get("arguments", "{}")),
        repaired=tuple(map(str, told.get("repaired") or ())),
        since=since,
    )


def _go_on(pieces: Pieces, event: events.ProcessEvent, told: dict[str, Any]) -> Sequence[Piece]:
    """Let a call go on. Mere progress is not drawn anew: the page moves the bar by itself."""
    call, group = pieces.call(str(told.get("call_id", ""))), pieces.group(str(told.get("call_id", "")))
    if call is None or group is None:
        return ()
    before = call.state
    call.state = str(told.get("state", call.state))
    call.progress, call.note = event.data.progress, event.data.description
    if call.state == "running" and before == "waiting":
        call.since = event.timestamp
    if call.has_ended:
        call.text, call.seconds = str(told.get("text", "")), told.get("seconds")
    return [group] if call.state != before else ()
