"""Failed sign-ins for the audit: only the first of a kind and address in a minute, so that they cannot flood it."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from accounts import audit
from accounts.audit import clients
from accounts.audit.actor import nobody

QUIET_SECONDS = 60.0
MOST_KNOWN = 10_000

logger = logging.getLogger(__name__)

_noted: dict[tuple[str, str], float] = {}


def note(scope: Mapping[str, Any], why: str, *, door: str = "proxy") -> None:
    """Record that a sign-in from the scope's address was refused, and why."""
    address = clients.address_of(scope) or "an unknown address"
    now = time.monotonic()
    if now - _noted.get((address, why), -QUIET_SECONDS) < QUIET_SECONDS:
        return
    if len(_noted) >= MOST_KNOWN:
        _noted.clear()
    _noted[address, why] = now
    audit.record("sign_in.refused", "person", outcome="refused", who=nobody(scope), why=why, door=door)
    logger.warning("A sign-in from %s by %s was refused: %s.", address, door, why)
