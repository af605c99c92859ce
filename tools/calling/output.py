"""The part of a call's result that is kept, and the part that a model reads."""

from typing import Any

import msgspec

from tools.specs import Reply

MOST_KEPT = 256 * 1024  # characters of text, bytes of data as JSON
MOST_READ = 24_000  # characters of one result that a model reads
HEAD = 0.6  # of these from the beginning, the others from the end, where errors stand
MOST_BLOCKS = 20
UNKNOWN = "It is not known whether this happened: the process that ran it ended. Check before you try it again."
READER = "read_result"  # the tool that reads on: see `tools.builtin.results`
NOTHING = "(no output)"  # some providers drop a message without text


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A result as its row has it: what a model, a page and a client are given."""

    text: str = ""
    data: Any = None
    blocks: list[dict[str, Any]] = []
    artifacts: list[dict[str, Any]] = []
    truncated: bool = False


def kept_of(reply: Reply, artifacts: list[dict[str, Any]]) -> Kept:
    """The reply, cut to what is kept."""
    text = reply.text[:MOST_KEPT].replace("\0", "")
    data, too_large = reply.data, False
    if data is not None and len(msgspec.json.encode(data)) > MOST_KEPT:
        data, too_large = None, True
    return Kept(text, data, list(reply.blocks[:MOST_BLOCKS]), artifacts, truncated=too_large or len(reply.text) > MOST_KEPT)


def for_model(text: str, call_id: str = "") -> tuple[str, bool]:
    """The text as a model reads it, and whether something is left out: head and tail of what is too long.

    With the id of its call, the model is told how to read on.
    """
    if not text.strip():
        return NOTHING, False
    if len(text) <= MOST_READ:
        return text, False
    head, tail = int(MOST_READ * HEAD), int(MOST_READ * (1 - HEAD))
    told = f"{len(text) - head - tail:,} characters are left out here."
    told += f" {read_on(call_id, head)}" if call_id else ""
    return f"{text[:head]}\n\n[{told}]\n\n{text[-tail:]}", True


def read_on(call_id: str, offset: int) -> str:
    """Tell a model how to read on in the result of a call."""
    return f'To read on, call {READER} with call_id "{call_id}" and offset {offset}.'
