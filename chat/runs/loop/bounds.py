"""The bounds that end an answer which does not end by itself. They are checked four times a second, off the path of a chunk."""

import time
from typing import NamedTuple

from chat.events import Failure
from chat.log.log_buffer import RunLog
from chat.providers.reading.counting import BYTES_A_TOKEN
from chat.runs.loop.repeats import LOOKED_AT, repeats

KEPT = "What was written so far is kept, and you can go on."
LOOK_AFTER = 1_000  # bytes: so much must be new before the text is searched for repeats again


class Limits(NamedTuple):
    """The settings: seconds of the whole answer (its tools have limits of their own), seconds without a word, and tokens."""

    answer_seconds: float
    wordless_seconds: float
    answer_tokens: int


class Bounds:
    """Watches one answer."""

    def __init__(self, log: RunLog, limits: Limits) -> None:
        self._log, self._limits = log, limits
        self._began = time.monotonic()
        self._searched = 0

    def within(self, window: int | None) -> None:
        """Lower the limit of the answer's tokens to the model's window, if that is known: a longer answer is impossible."""
        if window:
            self._limits = self._limits._replace(answer_tokens=min(self._limits.answer_tokens, window))

    def passed(self) -> Failure | None:
        """The failure by which the answer must end now."""
        now = time.monotonic()
        if now - self._began - self._log.at_tools_for > self._limits.answer_seconds and not self._log.is_at_tools:
            words = f"The answer took longer than {_words(self._limits.answer_seconds)} and was ended. {KEPT}"
            return Failure("answer_took_too_long", words, retryable=True)
        if now - self._log.said_at > self._limits.wordless_seconds and not (self._log.is_held or self._log.is_at_tools):
            words = f"The model wrote nothing for {_words(self._limits.wordless_seconds)} and was stopped. {KEPT}"
            return Failure("model_stalled", words, retryable=True)
        if self._log.size > self._limits.answer_tokens * BYTES_A_TOKEN:
            words = f"The answer grew beyond {self._limits.answer_tokens:,} tokens and was ended. {KEPT}"
            return Failure("answer_too_long", words, retryable=True)
        return self._repeat()

    def _repeat(self) -> Failure | None:
        if self._log.size - self._searched < LOOK_AFTER:
            return None
        self._searched = self._log.size
        if not any(repeats(self._log.tail(kind, LOOKED_AT)) for kind in ("text", "reasoning")):
            return None
        return Failure(
            "model_repeats_itself", f"The model wrote the same thing again and again and was stopped. {KEPT}", retryable=True
        )


def _words(seconds: float) -> str:
    """A length of time as people say it."""
    count, unit = (round(seconds / 60), "minute") if seconds >= 60 else (round(seconds), "second")  # noqa: PLR2004
    return f"{count} {unit}{'' if count == 1 else 's'}"
