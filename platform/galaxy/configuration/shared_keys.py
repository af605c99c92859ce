"""Checks that this machine has the same keys as the others: entries signed with another AUDIT_KEY would look forged."""

import hmac
import logging

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts import audit
from accounts.models import SharedKey

KEYS = {
    "AUDIT_KEY": "entries of this machine would look forged to the others",
    "SECRET_KEY": "people would be signed out whenever another machine answers",
}
REMEDY = (
    "Set {name} to the value of the machines that work; a generated one is in DATA_DIR/secrets/{file} there. "
    "If you changed it everywhere on purpose, run: manage.py accept_keys"
)

logger = logging.getLogger(__name__)


def check() -> None:
    """Compare the keys with those in the database, when a process starts. Raises CommandError if one differs.

    With the embedded database there is no other machine, so a new key is accepted. If the database does not answer, the next
    start compares.
    """
    try:
        wrong = differing()
        if wrong and not settings.ENVIRONMENT.database_url:
            accept()
            return
    except DatabaseError as error:
        logger.warning("This machine's keys could not be compared with those of the others: %s", error)
        return
    if wrong:
        raise CommandError("\n".join(map(explained, wrong)))


def differing() -> list[str]:
    """List the keys that differ from those in the database. Unknown ones are stored."""
    SharedKey.objects.bulk_create(
        [SharedKey(name=name, fingerprint=_fingerprint(name)) for name in KEYS], ignore_conflicts=True
    )
    known = dict(SharedKey.objects.values_list("name", "fingerprint"))
    return [name for name in KEYS if known[name] != _fingerprint(name)]


def accept() -> list[str]:
    """Accept this machine's keys for the installation; return the names of those that changed."""
    changed = differing()
    for name in changed:
        SharedKey.objects.filter(name=name).update(fingerprint=_fingerprint(name))
        audit.record("key.accepted", "key", name)
    return changed


def explained(name: str) -> str:
    """Explain a difference and what to do."""
    remedy = REMEDY.format(name=name, file=name.lower())
    return f"{name} differs from that of this installation's other machines:  {KEYS[name]}. {remedy}"


def _fingerprint(name: str) -> str:
    return hmac.digest(str(getattr(settings, name)).encode(), f"galaxy {name}".encode(), "sha256").hex()
