"""Turns what providers say when they fail into the tree of `base`, in words for people.

Bodies are looked at to tell one failure from another and never repeated to a person: providers echo keys and prompts in them.
"""

import email.utils
import logging
import re
import time

from chat.providers import known
from chat.providers.base import ModelConfig, Overloaded, ProviderError, RateLimited, Refused, Unauthorised

logger = logging.getLogger(__name__)

EXCERPT = 200
WHERE_KEYS_ARE = "Whoever runs Galaxy can correct it: in the environment, in .env or in the list of models (llms.yml)."
WHERE_ADDRESSES_ARE = "Whoever runs Galaxy can correct it: LLM_BASE_URL, or base_url in the list of models (llms.yml)."
_SECRETS = re.compile(r"(?i)bearer\s+\S+|\b(?:sk|pk|gsk|xai|key|AIza|gx)[-_][\w-]{6,}|\bAIza[\w-]{10,}|[\w+/-]{32,}")
_TOO_LONG = ("context_length", "context length", "maximum context", "too many tokens", "prompt is too long", "context window")
_FILTERED = ("content_filter", "content_policy", "content policy", "safety", "moderation")
_NO_CREDIT = ("insufficient_quota", "insufficient credits", "credit balance", "billing")
_RATE = ("rate_limit", "rate limit", "too many requests", "resource_exhausted")


def scrubbed(text: str, *, secret: str = "") -> str:
    """The start of a provider's text for the log: one line, no control characters, nothing that looks like a key."""
    if secret:
        text = text.replace(secret, "…")
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(_SECRETS.sub("…", printable).split())[:EXCERPT]


def of_status(status: int, model: ModelConfig, *, body: str = "", retry_after: float | None = None) -> ProviderError:
    """The error of an HTTP status with its body, which is logged scrubbed."""
    who, text = known.subject(model.provider), body.lower()
    logger.warning("%s answered %s for %s: %s", who, status, model.model, scrubbed(body, secret=model.api_key))
    if status in {401, 403}:
        return Unauthorised(f"{who} does not accept the key of “{model.name}”. {WHERE_KEYS_ARE}")
    if status == 402 or (status in {400, 429} and _has(text, _NO_CREDIT)):  # noqa: PLR2004
        return Refused(f"The account at {known.label(model.provider)} has no credit left.")
    if status == 429:  # noqa: PLR2004
        return RateLimited(f"{who} is busy: too many requests for “{model.name}”.", retry_after=retry_after)
    if status in {408, 409, 425} or status >= 500:  # noqa: PLR2004
        return Overloaded(f"{who} has a problem of its own right now.", retry_after=retry_after)
    return _refusal(status, model, text)


def of_event(model: ModelConfig, *, body: str, code: object = None) -> ProviderError:
    """The error of an event in the middle of a stream."""
    text = body.lower()
    if isinstance(code, int) and 400 <= code < 600:  # noqa: PLR2004
        return of_status(code, model, body=body)
    if _has(text, _RATE):
        return of_status(429, model, body=body)
    if _has(text, _TOO_LONG) or _has(text, _FILTERED):
        return of_status(400, model, body=body)
    logger.warning("%s broke off with: %s", known.subject(model.provider), scrubbed(body, secret=model.api_key))
    return Overloaded(f"{known.subject(model.provider)} broke off the answer with an error of its own.")


def _refusal(status: int, model: ModelConfig, text: str) -> Refused:
    who = known.subject(model.provider)
    if status == 404:  # noqa: PLR2004
        return Refused(f"{who} knows no model “{model.model}”, or its address is not right.")
    if 300 <= status < 400:  # noqa: PLR2004
        return Refused(f"The address of “{model.name}” points elsewhere. {WHERE_ADDRESSES_ARE}")
    if _has(text, _TOO_LONG) or status == 413:  # noqa: PLR2004
        return Refused(f"The conversation is too long for “{model.name}”.")
    if _has(text, _FILTERED):
        return Refused(f"{who} declined to answer this for reasons of its own rules.")
    return Refused(f"{who} could not work with the request for “{model.name}”.")


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def retry_after(value: str | None) -> float | None:
    """The seconds of a Retry-After header, given as a number or as a date."""
    if not value:
        return None
    if value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
