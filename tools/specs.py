"""Tools as data: what one is called, takes, gives back, may do and may cost, and the values that pass through a call.

No Django and no rows: the same values describe a tool of ours, of a remote server or of an API description.
"""

import hashlib
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

NAME = r"^[A-Za-z_][A-Za-z0-9_-]{0,62}$"  # what every provider takes
Schema = dict[str, Any]  # JSON Schema 2020-12


class Risk(StrEnum):
    """Consequences of a call, which decide who is asked before it runs."""

    READ = "read"  # changes nothing: runs at once
    WRITE = "write"  # changes something of the person's: asks by policy
    CRITICAL = "critical"  # unlocks, deletes, spends: always asks


class Sharing(StrEnum):
    """Reuse of a deterministic tool's results."""

    NEVER = "never"
    PERSON = "person"  # for the same person, whose rights the result may depend on
    EVERYONE = "everyone"  # within a tenant


class Annotations(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Hints of the MCP specification (2025-11-25, Tool annotations), with its defaults: the careful ones."""

    read_only_hint: bool = False
    destructive_hint: bool = True
    idempotent_hint: bool = False
    open_world_hint: bool = True


class Example(msgspec.Struct, frozen=True):
    """A question that a person may ask, and the arguments that answer it."""

    question: str
    arguments: dict[str, Any]
    is_general: bool = True  # False: it names something that not everyone has, so it is suggested to no one


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Description of a tool."""

    name: str
    title: str
    description: str
    input_schema: Schema
    output_schema: Schema | None = None
    annotations: Annotations = Annotations()
    risk: Risk = Risk.READ
    category: str = "Other"
    source: str = "built-in"
    timeout: float = 30.0  # seconds
    is_long: bool = False  # runs in the worker, whatever becomes of the process that asked; may take hours
    cost: float = 0.0  # US dollars a call
    sharing: Sharing = Sharing.NEVER
    kept_for: float = 3600.0  # seconds for which a shared result is good
    examples: tuple[Example, ...] = ()

    @property
    def is_idempotent(self) -> bool:
        """True if a second call with the same arguments changes nothing more, so that it may be tried again."""
        return self.risk is Risk.READ or self.annotations.idempotent_hint


class MadeFile(NamedTuple):
    """A file that a call made. It becomes an artifact of the conversation."""

    name: str
    media_type: str
    content: bytes


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a call: text for the model, data that fits the output schema, components and files for the person."""

    text: str = ""
    data: dict[str, Any] | None = None
    blocks: tuple[dict[str, Any], ...] = ()
    files: tuple[MadeFile, ...] = ()


class ToolError(Exception):
    """A call that failed for a reason that the model and the person may read."""


class Unavailable(ToolError):
    """The tool cannot be used on this machine or at this moment."""


Progress = Callable[[float | None, str], None]


def _unheard(_fraction: float | None, _words: str) -> None:
    """Progress that no one asked for."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Circumstances of a call, as the tool's function sees them."""

    person: Any  # accounts.models.User
    call_id: str = ""
    conversation_id: UUID | None = None
    token_id: UUID | None = None  # the access token by which it was asked
    chosen: frozenset[str] | None = None  # the tools of the chat that it is for; None for all
    timezone: str = "UTC"
    language: str = "en"
    progress: Progress = _unheard  # a fraction from 0 to 1, or None, and what is being done


Run = Callable[[Context, dict[str, Any]], Awaitable[Reply]]
Available = Callable[[], str]  # the reason why the tool cannot be used here, or an empty text


def _always() -> str:
    return ""


class Tool(msgspec.Struct, frozen=True, dict=True):
    """A tool: its description, and the function that runs it. `offered` says why it cannot be offered on this machine."""

    spec: ToolSpec
    run: Run
    offered: Available = _always

    @cached_property
    def definition(self) -> str:
        """Hash of what a person approves: name, description and schema. Any change of it asks anew."""
        told = (self.spec.name, self.spec.description, self.spec.input_schema)
        return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


Outcome = Literal["succeeded", "failed", "denied", "expired", "cancelled", "unknown"]
