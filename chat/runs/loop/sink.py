"""The receivers of an answer, as the loop sees them: of its events, and of its finished steps. Pure: no rows, no Django."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

from chat import events
from chat.parts import AnyPart, Origin
from chat.providers.base import Finished


class Sink(Protocol):
    """Receiver of the events of a run (see `chat.log.log_buffer.RunLog`)."""

    def say(self, kind: Literal["text", "reasoning"], data: str) -> None:
        """A delta of the answer."""

    def keep(self, data: dict[str, Any], *, redacted: bool = False) -> None:
        """Keep what the provider wants back with the thoughts that came last."""

    def tell(self, event: events.ProcessEvent) -> None:
        """A process event."""

    def said(self, kind: Literal["text", "reasoning"]) -> str:
        """All deltas of it in the present step."""

    def parts(self, step: int = 1, origin: Origin | None = None) -> list[AnyPart]:
        """Return what was said in the present step, as parts."""

    def rethink(self) -> None:
        """All that was said as text in this step were thoughts."""

    def ask(self) -> None:
        """Note that a model is asked now."""

    def calls(self) -> None:
        """Note that the model calls tools."""

    def counted(self, usage: events.Usage) -> None:
        """Take the provider's count of what the answer takes."""

    def at_tools(self) -> AbstractContextManager[None]:
        """Within, the model is not expected to say anything: its tools run."""

    async def room(self) -> None:
        """Wait until more may be said."""


class Steps(Protocol):
    """Steps that a run has taken so far, and their store (see `chat.runs.steps.StoredSteps`)."""

    parts: list[AnyPart]
    number: int  # of the step that is under way, from 1

    async def finish(self, made: list[AnyPart], finished: Finished) -> None:
        """Store a step that ended with calls. Nothing of it is asked again."""

    async def settle(self, results: Sequence[AnyPart]) -> None:
        """Store what came of the last step's calls."""
