"""System check of the vault, run by `manage.py check --database default` and `migrate`."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from accounts.vault import keys as vault_keys
from accounts.vault import sealed_rows
from accounts.vault.errors import KeyMissing, VaultError


@register(Tags.database)
def keys_are_there(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that every key in use is available."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        ring = vault_keys.load(settings.VAULT_KEY_FILE, settings.VAULT_KEYS)
    except VaultError as error:
        return [Error("The vault's keys cannot be used.", hint=str(error), id="accounts.E002")]
    there = {key.id for key in ring.keys} if ring else set()
    place = ring.place if ring else str(settings.VAULT_KEY_FILE)
    return [_error(KeyMissing(key_id.hex(), place)) for key_id in sorted(_used() - there)]


def _used() -> set[bytes]:
    try:
        return sealed_rows.keys_in_use()
    except DatabaseError:  # before the first migration there is no table
        return set()


def _error(missing: KeyMissing) -> CheckMessage:
    return Error("Secrets cannot be decrypted.", hint=str(missing), id="accounts.E001")
