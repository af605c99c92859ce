"""Redacts log lines: secrets in addresses, secrets by their looks, and Galaxy's insides where the client made the mistake."""

import copy
import logging
import re
from urllib.parse import unquote

from accounts.audit.redaction import LOOKS

# Paths that end with a secret, and query parameters that hold one. Every new one is added here.
SECRET_PATHS = ("sign-in/link", "invitation")
SECRET_PARAMETERS = ("token", "secret", "password", "key", "code", "state", "credential", "assertion", "signature", "session")

HIDDEN = "…"
DEFECT = 500
MOST_DECODED = 5  # times: each proxy on the way may have encoded an address once more
_SLASH = r"[/\\](?:\.{0,2}[/\\])*"
_PATHS = "|".join(path.replace("/", _SLASH) for path in SECRET_PATHS)
_PATH = re.compile(rf"((?:{_PATHS}){_SLASH})[\"']*\S*[^\s\"']", re.IGNORECASE)
# A name is taken whole and then looked into: a pattern for a word within it would try each place of a long one anew.
_PARAMETER = re.compile(r"(?<=[?&;#\"'])[\w.\[\]-]++=")
_VALUE = re.compile(r"[\"']*[^\s&#]*[^\s&#\"']")
_NAME = re.compile("|".join(SECRET_PARAMETERS), re.IGNORECASE)
_WORD, _BLANK = re.compile(r"\S+"), re.compile(r"\s")


def redact(line: str) -> str:
    """The line without secrets, also where they stand percent-encoded."""
    plain = _redact(line)
    return _WORD.sub(_decoded, plain) if "%" in plain else plain


def _redact(line: str) -> str:
    return LOOKS.sub(HIDDEN, _without_parameters(_PATH.sub(rf"\1{HIDDEN}", line)))


def _without_parameters(line: str) -> str:
    parts, end = [], 0
    for found in _PARAMETER.finditer(line):
        if found.start() >= end and _NAME.search(found[0]) and (value := _VALUE.match(line, found.end())):
            parts += [line[end : found.end()], HIDDEN]
            end = value.end()
    return "".join([*parts, line[end:]])


def _decoded(found: re.Match[str]) -> str:
    """A word of the line as it is, or without all from the first secret that comes to light when it is decoded."""
    text = found[0]
    for _ in range(MOST_DECODED):
        text, before = _BLANK.sub("+", unquote(text)), text  # a blank that comes to light ends no value
        if text == before:
            break
        if (shown := _redact(text)) != text:
            return f"{''.join(filter(str.isprintable, shown.partition(HIDDEN)[0]))}{HIDDEN}"
    return found[0]


class RedactingFormatter(logging.Formatter):
    """The last to see a line: servers and Django log the paths of what they refuse, and some paths are keys to an account."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        if getattr(record, "status_code", DEFECT) < DEFECT:  # Django's name for the status that was answered
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return redact(super().format(record))
