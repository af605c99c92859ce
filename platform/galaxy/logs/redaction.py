"""Redacts log lines: secrets in addresses, in JSON, by their looks, and Galaxy's insides where the client made the mistake."""

import copy
import logging
import re
from urllib.parse import unquote

from accounts.audit.redaction import LOOKS

# Paths that end with a secret, and query parameters and members of JSON that hold one. Every new one is added here.
SECRET_PATHS = ("sign-in/link", "invitation")
SECRET_PARAMETERS = (
    *("token", "secret", "password", "pwd", "key", "code", "otp", "state", "ticket", "jwt"),
    *("credential", "assertion", "signature", "session"),
)

HIDDEN = "…"
DEFECT = 500
MOST_DECODED = 5  # times: each proxy on the way may have encoded an address again
_SLASH = r"[/\\](?:\.{0,2}[/\\])*"
_PATHS = "|".join(path.replace("/", _SLASH) for path in SECRET_PATHS)
_PATH = re.compile(rf"((?:{_PATHS}){_SLASH})[\"']*\S*[^\s\"']", re.IGNORECASE)
# A name is matched whole and then searched: a pattern for a word within it would try each position of a long one.
_PARAMETER = re.compile(r"(?<=[?&;#\"'])[\w.\[\]-]++=")
_VALUE = re.compile(r"[\"']*[^\s&#]*[^\s&#\"']")
# The name of a member, in JSON, in JSON within JSON, or as Python prints a dictionary.
_MEMBER = re.compile(r"(?<!\\)(\\*+[\"'])[\w.\[\] -]++\1\s*+:\s*+")
_OPENING = re.compile(r"b?(\\*+[\"'])")
_BARE = re.compile(r"[^\s,}\]]+")
_NAME = re.compile("|".join(SECRET_PARAMETERS), re.IGNORECASE)
_WORD, _BLANK = re.compile(r"\S+"), re.compile(r"\s")


def redact(line: str) -> str:
    """Remove secrets from the line, also percent-encoded ones."""
    plain = _redact(line)
    return _WORD.sub(_decoded, plain) if "%" in plain else plain


def _redact(line: str) -> str:
    return LOOKS.sub(HIDDEN, _without_members(_without_parameters(_PATH.sub(rf"\1{HIDDEN}", line))))


def _without_parameters(line: str) -> str:
    parts, end = [], 0
    for found in _PARAMETER.finditer(line):
        if found.start() >= end and _NAME.search(found[0]) and (value := _VALUE.match(line, found.end())):
            parts += [line[end : found.end()], HIDDEN]
            end = value.end()
    return "".join([*parts, line[end:]])


def _without_members(line: str) -> str:
    parts, end = [], 0
    for found in _MEMBER.finditer(line):
        if found.start() >= end and _NAME.search(found[0]):
            begin, stop = _member(line, found.end())
            parts += [line[end:begin], HIDDEN]
            end = stop
    return "".join([*parts, line[end:]])


def _member(line: str, begin: int) -> tuple[int, int]:
    """Bounds of a member's value, without its quotes. A list or an object, and what was cut, has no end."""
    if quote := _OPENING.match(line, begin):
        return quote.end(), _closing(line, quote[1], quote.end())
    bare = _BARE.match(line, begin)
    return begin, bare.end() if bare and bare[0][0] not in "[{" else len(line)


def _closing(line: str, quote: str, begin: int) -> int:
    at = line.find(quote, begin)
    while at > begin and line[at - 1] == "\\":  # escaped: a part of the value
        at = line.find(quote, at + 1)
    return at if at >= 0 else len(line)


def _decoded(found: re.Match[str]) -> str:
    """Return a word unchanged, or cut at the first secret that decoding reveals."""
    text = found[0]
    for _ in range(MOST_DECODED):
        text, before = _BLANK.sub("+", unquote(text)), text  # a decoded blank must not end a value
        if text == before:
            break
        if (shown := _redact(text)) != text:
            return f"{''.join(filter(str.isprintable, shown.partition(HIDDEN)[0]))}{HIDDEN}"
    return found[0]


class RedactingFormatter(logging.Formatter):
    """Redacts every line last: servers and Django log the paths of refused requests, and some paths are credentials."""

    def format(self, record: logging.LogRecord) -> str:
        """Format and redact the line."""
        if getattr(record, "status_code", DEFECT) < DEFECT:  # Django's name for the answer's status
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return redact(super().format(record))
