"""State of a model's circuit breaker: whether it answers, what is wrong, and when it is tried again. Pure."""

import hashlib
import time
from typing import Literal

import msgspec

from chat.providers.base import (
    ModelConfig,
    NoCredit,
    NoSuchModel,
    Overloaded,
    ProviderError,
    RateLimited,
    Stalled,
    Unauthorised,
    Unreachable,
)

State = Literal["untried", "well", "unreachable", "unauthorised", "busy", "overloaded", "silent", "unknown_model", "no_credit"]

OPENS_AT = 3  # failures in a row open the circuit breaker
WITHIN_SECONDS = 300  # failures are forgotten after this time without another one
FIRST_WAIT = 5.0  # s, doubled with each further failure
LONGEST_HELD = 60.0  # s that questions are held back at most: an operator who has repaired a model should not wait for long
LONGEST_UNASKED = 600.0  # s between Galaxy's own checks at most

_STATES: tuple[tuple[type[ProviderError], State], ...] = (
    (Unreachable, "unreachable"),
    (Unauthorised, "unauthorised"),
    (RateLimited, "busy"),
    (Overloaded, "overloaded"),
    (Stalled, "silent"),
    (NoSuchModel, "unknown_model"),
    (NoCredit, "no_credit"),
)
LABELS: dict[State, str] = {
    "unreachable": "Not reachable",
    "unauthorised": "Key refused",
    "busy": "Too busy",
    "overloaded": "Has problems",
    "silent": "Not answering",
    "unknown_model": "Not there",
    "no_credit": "No credit left",
}


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """A model's health. Times are seconds since 1970."""

    state: State = "untried"
    reason: str = ""  # a sentence for people, also of other tenants than who asked: nothing of a question is quoted
    since: float = 0.0
    failures: int = 0  # in a row, since it last answered
    held_until: float = 0.0  # until then no question is let through; then one is
    ask_at: float = 0.0  # time of Galaxy's next check
    asked_at: float = 0.0  # time of the last outcome

    @property
    def is_down(self) -> bool:
        """True if the model is known not to answer."""
        return self.state not in {"untried", "well"}

    @property
    def is_held(self) -> bool:
        """True if questions to it are held back now."""
        return self.is_down and time.time() < self.held_until

    @property
    def label(self) -> str:
        """Its trouble in two or three words; empty if none is known."""
        return LABELS.get(self.state, "")


def state_of(error: ProviderError) -> State | None:
    """The state that a failure before the first word shows; None for one that is about the question, not the model."""
    return next((state for kind, state in _STATES if isinstance(error, kind)), None)


def after_failure(before: Health, error: ProviderError, state: State, now: float, *, opens: bool) -> Health:
    """The health after one more failure. Failures of questions that were under way together double the wait once."""
    if not (before.is_down or opens):
        return Health(before.state, failures=before.failures + 1, since=before.since, asked_at=now)
    if before.is_down and now < before.held_until:
        return before
    failures = before.failures + 1 if before.is_down else 1
    wait = max(FIRST_WAIT * 2.0 ** min(failures - 1, 10), error.retry_after or 0.0)
    held, unasked = now + min(wait, LONGEST_HELD), now + min(wait, LONGEST_UNASKED)
    return Health(state, error.plain, before.since if before.is_down else now, failures, held, unasked, now)


def mark_of(model: ModelConfig) -> str:
    """Key of a model's health: its name, URL and credential together. With another key the model has another health."""
    told = (model.name, model.provider, model.model, model.base_url, model.api_key, sorted(model.headers.items()))
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]
