"""The events of a run, as every client sees them (docs/protocol.md). Pure values: no Django, no database.

A frame is kept in the log as JSON without the two members that differ from client to client or repeat in every frame
(`request_id`, `run_id`). `Envelope` puts them in front when a frame is delivered, without parsing it.
"""

import time
from typing import Any, Literal

import msgspec

ChunkKind = Literal["text", "reasoning", "image", "ui"]
ProcessKind = Literal[
    "process_start", "tool_selection", "tool_execution", "thinking", "artifact_creation", "process_complete", "error"
]
TEXT_IS_REASONING = "text_is_reasoning"
FINAL_STATUSES = ("complete", "error")
CUT_SHORT = {
    "length": "Cut short: the model reached its limit of tokens",
    "content_filter": "Cut short: the provider filtered the rest",
    "refusal": "The model declined to answer",
    "stopped": "Stopped by a person",
    "tool_calls": "The program that asked runs its own tools now",
}


class Chunk(msgspec.Struct, forbid_unknown_fields=True):
    """A piece of the answer."""

    type: ChunkKind
    data: Any


class ProcessData(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Data of a process event: which step of how many, in words, and how far it is (0 to 1)."""

    step: int
    total_steps: int | None = None
    description: str
    progress: float | None = None
    metadata: dict[str, Any] | None = None
    error: str | None = None


class ProcessEvent(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that happens besides text. `timestamp` counts milliseconds since 1970."""

    type: ProcessKind
    timestamp: int = msgspec.field(default_factory=lambda: time.time_ns() // 1_000_000)
    data: ProcessData


def process(
    kind: ProcessKind,
    description: str,
    *,
    step: int = 1,
    progress: float | None = None,
    metadata: dict[str, Any] | None = None,
    error: str | None = None,
) -> ProcessEvent:
    """An event of an answer's step of this number, of as many as there are until now."""
    told = ProcessData(step=step, total_steps=step, description=description, progress=progress, metadata=metadata, error=error)
    return ProcessEvent(type=kind, data=told)


def rethought(step: int) -> ProcessEvent:
    """The event by which all text of the step before it turns out to be thoughts of the model."""
    return process("thinking", "What came so far was the model's thinking", step=step, metadata={TEXT_IS_REASONING: True})


def is_rethought(event: ProcessEvent) -> bool:
    """Tell whether the event is such a one."""
    return bool(event.data.metadata and event.data.metadata.get(TEXT_IS_REASONING))


class Usage(msgspec.Struct, forbid_unknown_fields=True):
    """Usage of an answer: tokens, and the price in US dollars where it is known.

    `cached_tokens` are those of the prompt that the provider had cached.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    cached_tokens: int = 0


class Failure(msgspec.Struct, forbid_unknown_fields=True):
    """An error fit for a person. `retry_after` counts seconds."""

    code: str
    message: str
    retryable: bool = False
    retry_after: float | None = None


def ended(reason: str, step: int) -> ProcessEvent:
    """The event of an answer that came to its end in this step, or why it was cut short."""
    words, told = CUT_SHORT.get(reason, "Answer complete"), {"finish_reason": reason}
    return process("process_complete", words, step=step, progress=None if reason in CUT_SHORT else 1.0, metadata=told)


def failed(failure: Failure, step: int) -> ProcessEvent:
    """The event of an answer that failed in this step, or was ended because it may not go on."""
    return process("error", failure.message, step=step, error=failure.code)


class Frame(msgspec.Struct, tag_field="status", forbid_unknown_fields=True):
    """One event of a run's log; `seq` counts 1, 2, 3, … without holes."""

    seq: int


class Accepted(Frame, tag="accepted"):
    """The first event: the question is stored and the answer will be this message."""

    conversation_id: str
    message_id: str
    model: str


class ChunkFrame(Frame, tag="chunk"):
    """A piece of the answer came."""

    chunk: Chunk


class EventFrame(Frame, tag="event"):
    """A process event."""

    event: ProcessEvent


class Approval(Frame, tag="approval"):
    """A tool call waits for a person's decision (`approve`); the run goes on when nothing waits any more."""

    call_id: str
    tool: str
    arguments: Any
    reason: str


class Complete(Frame, tag="complete"):
    """The last event of an answer that came to its end, or was stopped by a person."""

    message_id: str
    finish_reason: str
    usage: Usage
    models: list[str]
    citations: list[Any] = msgspec.field(default_factory=list)
    artifacts: list[Any] = msgspec.field(default_factory=list)


class ErrorFrame(Frame, tag="error"):
    """The last event of an answer that failed; what came before stays."""

    error: Failure


AnyFrame = Accepted | ChunkFrame | EventFrame | Approval | Complete | ErrorFrame

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyFrame)


def encode(frame: Frame) -> bytes:
    """The frame's line in the log: JSON with no newline in it."""
    return _encoder.encode(frame)


def decode(line: bytes | str) -> AnyFrame:
    """The frame of a line of the log. Raises msgspec.ValidationError for anything else."""
    frame: AnyFrame = _decoder.decode(line)
    return frame


class Envelope:
    """Makes a logged frame a client's frame by putting `request_id` and `run_id` in front of its members."""

    def __init__(self, *, request_id: str | None, run_id: str) -> None:
        self._head = _encoder.encode({"request_id": request_id, "run_id": run_id})[:-1] + b","

    def wrap(self, line: bytes) -> bytes:
        """The whole frame as JSON; the line is spliced, not parsed."""
        return self._head + line[1:]
