"""The receipt of a removal: a signed list of what was deleted and when, which no one can forge later."""

import hmac
import json
from typing import Any, NamedTuple

from django.conf import settings

FORMAT = "galaxy removal receipt 1"


class Receipt(NamedTuple):
    """`removed` counts deleted rows by table, `left` those that still refer to the person; it should be empty."""

    person: str
    tenant: str
    at: str
    by: str
    removed: dict[str, int]
    left: dict[str, int]

    def signed(self) -> str:
        """Return JSON with a signature by AUDIT_KEY (HMAC-SHA256, RFC 2104)."""
        content = {"format": FORMAT} | self._asdict()
        return json.dumps(content | {"signature": _signature(content)}, indent=2)


def is_genuine(text: str) -> Receipt | None:
    """Return the receipt if this installation signed it and it is unchanged, otherwise None."""
    try:
        content = json.loads(text)
        given = str(content.pop("signature")).encode()
        expected = _signature(content).encode()
        if not hmac.compare_digest(given, expected) or content.pop("format") != FORMAT:
            return None
        return Receipt(**content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _signature(content: dict[str, Any]) -> str:
    """Sign with a key derived from the audit's, so that a signature can never pass for that of an audit entry."""
    key = hmac.digest(settings.AUDIT_KEY.encode(), FORMAT.encode(), "sha256")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, canonical, "sha256").hexdigest()
