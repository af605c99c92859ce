"""The receipt of a removal: what was deleted, and when, signed so that nobody can write one afterwards."""

import hmac
import json
from typing import Any, NamedTuple

from django.conf import settings

FORMAT = "galaxy removal receipt 1"


class Receipt(NamedTuple):
    """`removed` counts rows by table, `left` those that still name the person: it must be empty."""

    person: str
    tenant: str
    at: str
    by: str
    removed: dict[str, int]
    left: dict[str, int]

    def signed(self) -> str:
        """As JSON, with a signature by AUDIT_KEY (HMAC-SHA256, RFC 2104)."""
        content = {"format": FORMAT} | self._asdict()
        return json.dumps(content | {"signature": _signature(content)}, indent=2)


def is_genuine(text: str) -> Receipt | None:
    """The receipt, if this installation signed it and nobody changed it."""
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
    """Not the audit's own key itself: what is signed here could never be taken for one of its entries."""
    key = hmac.digest(settings.AUDIT_KEY.encode(), FORMAT.encode(), "sha256")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, canonical, "sha256").hexdigest()
