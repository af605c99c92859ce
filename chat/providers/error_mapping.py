"""Turns what providers say when they fail into the tree of `base`, in words for people.

Bodies are looked at to tell one failure from another. A person reads at most the one sentence in them that says what went
wrong, without anything that looks like a key: providers echo keys.
"""

import email.utils
import logging
import re
import time
from typing import Any

import msgspec

from chat.providers.base import (
    Broken,
    ModelConfig,
    NoCredit,
    NoSuchModel,
    NoSystemRole,
    NoTools,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    Unauthorised,
)
from chat.providers.known import registry
from chat.providers.reading.numbers import number, within

logger = logging.getLogger(__name__)

EXCERPT = 200
LONGEST_BODY = 4096
WHERE_KEYS_ARE = "Whoever runs Galaxy can correct it: in the environment, in .env or in the list of models (llms.yml)."
WHERE_ADDRESSES_ARE = "Whoever runs Galaxy can correct it: LLM_BASE_URL, or base_url in the list of models (llms.yml)."
LONGEST_WAIT = 86_400.0  # s: what asks for more is not waited for anyway
_SECRETS = re.compile(
    r"(?i)bearer\s+\S+|(?<=//)[^/@\s]+@|\b(?:sk|pk|gsk|xai|key|AIza|gx)[-_][\w-]{6,}|\bAIza[\w-]{10,}|[\w+/-]{32,}"
)
_TOO_LONG = (
    "context_length",
    "context length",
    "context size",
    "maximum context",
    "too many tokens",
    "prompt is too long",
    "context window",
)
_FILTERED = ("content_filter", "content_policy", "content policy", "safety", "moderation")
_NO_CREDIT = ("insufficient_quota", "insufficient credits", "credit balance", "billing")
_ABOUT_ROLES = re.compile(r"\broles?\b|system.?(message|prompt|instruction)|developer.instruction|\balternat")
_TOOLS = r"\b(?:tools?|tool[ _-]?(?:use|calls?|calling|choice)|functions?[ _-]?call(?:s|ing)?)\b"
_NOT_TAKEN = (
    r"(?:\bnot (?:\w+ )?(?:support|enabled|available|implemented)|n[o’']t support|unsupported|no endpoints"
    r"|extra[_ ](?:inputs|forbidden)|(?:unrecogni[sz]ed|unexpected|unknown) (?:\w+ )?(?:parameter|argument|field)"
    r"|requires? (?:the )?--)"
)
_NO_TOOLS = re.compile(rf"{_TOOLS}.{{0,80}}{_NOT_TAKEN}|{_NOT_TAKEN}.{{0,80}}{_TOOLS}", re.DOTALL)
# About one tool, or one call: others may be taken.
_OF_ONE_TOOL = re.compile(
    r"(?:invalid|json|input)[ _]schema|\btools?[\"']?[\W_]{1,3}\d|tool_call_id|parallel_tool|\bparsing\b|\bto parse\b"
)
_TOLD_IN = ("error", "errors", "message", "detail", "msg", "reason", "description")
_RATE = ("rate_limit", "rate limit", "too many requests", "resource_exhausted")


def scrubbed(text: str, model: ModelConfig) -> str:
    """The start of a provider's text: one line, no control characters, nothing that looks like a key or is one of ours."""
    for secret in (model.api_key, *model.headers.values()):
        text = text.replace(secret, "…") if secret else text
    printable = "".join(character if character.isprintable() else " " for character in text[:LONGEST_BODY])
    return " ".join(_SECRETS.sub("…", printable).split())[:EXCERPT]


def of_status(status: int, model: ModelConfig, *, body: str = "", retry_after: float | None = None) -> ProviderError:
    """The error of an HTTP status with its body, which is logged scrubbed."""
    who, text = registry.subject(model.provider), body.lower()
    logger.warning("%s answered %s for %s: %s", who, status, model.model, scrubbed(body, model))
    if status == 401 or (status == 403 and not _has(text, _FILTERED)):  # noqa: PLR2004
        return Unauthorised(f"{who} does not accept the key of “{model.name}”. {WHERE_KEYS_ARE}")
    if status == 402 or (status in {400, 429} and _has(text, _NO_CREDIT)):  # noqa: PLR2004
        return NoCredit(f"The account at {registry.label(model.provider)} has no credit left.")
    if status == 429:  # noqa: PLR2004
        return RateLimited(f"{who} is busy: too many requests for “{model.name}”.", retry_after=retry_after)
    if status in {408, 409, 425} or status >= 500:  # noqa: PLR2004
        failure = Overloaded(f"{who} is having problems right now.", quoted=_cause(body, model), retry_after=retry_after)
        return _perhaps_not_taken(failure, text)
    return _perhaps_not_taken(_refusal(status, model, body), text)


def of_event(model: ModelConfig, *, body: str, code: object = None) -> ProviderError:
    """The error of an event in the middle of a stream."""
    text = body.lower()
    status = number(code)
    if status is not None and 400 <= status < 600:  # noqa: PLR2004
        return of_status(int(status), model, body=body)
    if _has(text, _RATE):
        return of_status(429, model, body=body)
    if _has(text, _TOO_LONG) or _has(text, _FILTERED):
        return of_status(400, model, body=body)
    logger.warning("%s broke off with: %s", registry.subject(model.provider), scrubbed(body, model))
    words = f"{registry.subject(model.provider)} broke off the answer with an error."
    failure = Overloaded(words, quoted=_cause(body, model))
    return _perhaps_not_taken(failure, text)


def of_reason(model: ModelConfig, reason: str) -> ProviderError:
    """The error of an answer that the server ended for a reason that is not a good one, or that is not known."""
    who = registry.subject(model.provider)
    if reason == "error":
        return Overloaded(f"{who} broke off the answer with an error.")
    if "malformed_function_call" in reason.lower():
        return Broken(f"{who} broke off the answer: it could not read a tool call that the model wrote. Try again.")
    return Broken(f"{who} broke off the answer and gave this reason: “{scrubbed(reason, model)[:60]}”.")


def _refusal(status: int, model: ModelConfig, body: str) -> Refused:
    who, text = registry.subject(model.provider), body.lower()
    if status == 404:  # noqa: PLR2004
        return NoSuchModel(f"{who} has no model “{model.model}”, or its address is wrong.")
    if 300 <= status < 400:  # noqa: PLR2004
        return Refused(f"The address of “{model.name}” points elsewhere. {WHERE_ADDRESSES_ARE}")
    if _has(text, _TOO_LONG) or status == 413:  # noqa: PLR2004
        return Refused(f"The conversation is too long for “{model.name}”.")
    if _has(text, _FILTERED):
        return Refused(f"{who} declined to answer this because of its own rules.")
    return Refused(f"{who} could not work with the request for “{model.name}”.{_cause(body, model)}")


def _perhaps_not_taken(failure: ProviderError, text: str) -> ProviderError:
    """The failure; another kind where the text is about tools, or about roles as in chat templates without a system role."""
    text = text[:LONGEST_BODY]
    if _NO_TOOLS.search(text) and not _OF_ONE_TOOL.search(text):
        return NoTools(failure)
    return NoSystemRole(failure) if _ABOUT_ROLES.search(text) else failure


def _cause(body: str, model: ModelConfig) -> str:
    """The body's own words for the failure, as one more sentence; empty where it has none."""
    try:
        told = _words(msgspec.json.decode(body.removeprefix("error:").encode()))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    text = scrubbed(told, model)
    return f" It says: “{text}”" if text else ""


def _words(told: Any) -> str:
    """The text of an error, which servers put at many places."""
    if isinstance(told, str):
        return told
    if isinstance(told, list):
        return _words(told[0]) if told else ""
    if isinstance(told, dict):
        return next(filter(None, (_words(told.get(name)) for name in _TOLD_IN)), "")
    return ""


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def retry_after(value: str | None) -> float | None:
    """The seconds of a Retry-After header, given as a number or as a date; at most a day."""
    if not value:
        return None
    seconds = number(value)
    if seconds is not None:
        return None if seconds < 0 else within(seconds, LONGEST_WAIT)
    try:
        return within(email.utils.parsedate_to_datetime(value).timestamp() - time.time(), LONGEST_WAIT)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
