"""Checks that this machine has the keys of the others: with another AUDIT_KEY, all that it records would look forged."""

import hmac
import logging

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts import audit
from accounts.models import SharedKey

KEYS = {
    "AUDIT_KEY": "what this machine records would look forged to the others",
    "SECRET_KEY": "people would be signed out whenever they come to another machine",
}
REMEDY = (
    "Set {name} to the value of the machines that work; one that was generated is in DATA_DIR/secrets/{file} there. "
    "If it was changed on purpose, everywhere: manage.py accept_keys"
)

logger = logging.getLogger(__name__)


def check() -> None:
    """Compare with what the database knows, when a process starts. Raises CommandError for a key that differs.

    With the embedded database there is no other machine: a key that was made anew is taken as it is. A database that does not
    answer is asked at the next start.
    """
    try:
        wrong = differing()
        if wrong and not settings.ENVIRONMENT.database_url:
            accept()
            return
    except DatabaseError as error:
        logger.warning("The keys of this machine could not be compared with those of the others: %s", error)
        return
    if wrong:
        raise CommandError("\n".join(map(explained, wrong)))


def differing() -> list[str]:
    """The names of the keys that are not those of this database. Unknown ones become known."""
    SharedKey.objects.bulk_create(
        [SharedKey(name=name, fingerprint=_fingerprint(name)) for name in KEYS], ignore_conflicts=True
    )
    known = dict(SharedKey.objects.values_list("name", "fingerprint"))
    return [name for name in KEYS if known[name] != _fingerprint(name)]


def accept() -> list[str]:
    """Make this machine's keys those of the installation; gives the names of those that changed."""
    changed = differing()
    for name in changed:
        SharedKey.objects.filter(name=name).update(fingerprint=_fingerprint(name))
        audit.record("key.accepted", "key", name)
    return changed


def explained(name: str) -> str:
    """What a difference means, and what to do."""
    remedy = REMEDY.format(name=name, file=name.lower())
    return f"{name} is not the one that this installation's other machines have: {KEYS[name]}. {remedy}"


def _fingerprint(name: str) -> str:
    return hmac.digest(str(getattr(settings, name)).encode(), f"galaxy {name}".encode(), "sha256").hex()
