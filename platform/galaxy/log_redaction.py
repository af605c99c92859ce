"""Redacts log lines: secrets in addresses, secrets by their looks, and Galaxy's insides where the client made the mistake."""

import copy
import logging
import re

from accounts.audit.redaction import LOOKS

# Paths that end with a secret, and query parameters that hold one. Every new one is added here.
SECRET_PATHS = ("sign-in/link", "invitation")
SECRET_PARAMETERS = ("token", "secret", "password", "key", "code", "state", "credential", "assertion", "signature", "session")

HIDDEN = "…"
DEFECT = 500
_SLASH = "(?:/|%2f)+"
_PATHS = "|".join(path.replace("/", _SLASH) for path in SECRET_PATHS)
_PATH = re.compile(rf"((?:{_PATHS}){_SLASH})[^\s\"']+", re.IGNORECASE)
_NAMES = "|".join(SECRET_PARAMETERS)
_PARAMETER = re.compile(rf"((?:[?&;]|%3f|%26)[\w.\[\]-]*(?:{_NAMES})[\w.\[\]-]*(?:=|%3d))[^\s&;\"'#]+", re.IGNORECASE)


def redact(line: str) -> str:
    """The line without secrets."""
    return LOOKS.sub(HIDDEN, _PARAMETER.sub(rf"\1{HIDDEN}", _PATH.sub(rf"\1{HIDDEN}", line)))


class RedactingFormatter(logging.Formatter):
    """The last to see a line: servers and Django log the paths of what they refuse, and some paths are keys to an account."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        if getattr(record, "status_code", DEFECT) < DEFECT:  # Django's name for the status that was answered
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return redact(super().format(record))
