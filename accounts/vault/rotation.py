"""Rotation of the vault's keys, and handling of lost ones. It may be killed at any point and run again."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import Secret
from accounts.vault import keys as vault_keys
from accounts.vault import sealed_rows, store
from accounts.vault.errors import VaultError
from accounts.vault.keys import Key, Ring
from accounts.vault.seal import seal, unseal

BATCH = 100


class Faulty(NamedTuple):
    """A secret that cannot be decrypted, and why."""

    secret: Secret
    error: VaultError


class Rotated(NamedTuple):
    """The result of a rotation."""

    key: Key
    moved: int
    faulty: list[Faulty]


def rotate() -> Rotated:
    """Encrypt everything with a new key, which is added first; an unfinished rotation continues with its key."""
    ring = _begin()
    moved, faulty, last = 0, list[Faulty](), UUID(int=0)
    while batch := _ids(ring, last):
        faulty_here = _move(ring, batch)
        moved += len(batch) - len(faulty_here)
        faulty += faulty_here
        last = batch[-1]
    return Rotated(ring.first, moved, faulty)


@transaction.atomic
def prune() -> list[Key]:
    """Remove keys that nothing is encrypted with from the file, and return them. Those in VAULT_KEYS only people can remove."""
    store.hold_keys(alone=True)
    ring = store.sealing_ring()
    used = sealed_rows.keys_in_use() | {ring.first.id}
    kept = tuple(key for key in ring.keys if key.id in used)
    if kept != ring.keys and not settings.VAULT_KEYS:
        vault_keys.write(settings.VAULT_KEY_FILE, kept)
    return [key for key in ring.keys if key.id not in used]


def examine() -> Iterator[Faulty]:
    """Decrypt every secret, and yield those that fail. Raises KeyFileExposed, KeyFileUnusable."""
    ring = _present_ring()
    for secret in Secret.objects.order_by("pk").iterator():
        try:
            unseal(ring, store.row_of(secret), bytes(secret.ciphertext))
        except VaultError as error:
            yield Faulty(secret, error)


@transaction.atomic
def forget_lost() -> int:
    """Delete the secrets whose key is missing; return their number."""
    store.hold_keys(alone=True)
    there = [key.id for key in _present_ring().keys]
    return sealed_rows.not_sealed_with(there).delete()[0]


def _present_ring() -> Ring:
    return store.ring() or Ring((), str(settings.VAULT_KEY_FILE))


@transaction.atomic
def _begin() -> Ring:
    """Return the keys to use, with a new one unless an earlier rotation is unfinished or VAULT_KEYS decides."""
    store.hold_keys(alone=True)
    ring = store.sealing_ring()
    older = [key.id for key in ring.keys[1:]]
    if settings.VAULT_KEYS or sealed_rows.sealed_with(older).exists():
        return ring
    vault_keys.write(settings.VAULT_KEY_FILE, (vault_keys.new(), *ring.keys))
    return store.sealing_ring()


def _ids(ring: Ring, last: UUID) -> list[UUID]:
    rows = sealed_rows.not_sealed_with([ring.first.id]).filter(pk__gt=last)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _move(ring: Ring, batch: list[UUID]) -> list[Faulty]:
    """Encrypt the batch's rows again. A change to one meanwhile waits, or has already used the new key."""
    store.hold_keys()
    faulty = []
    for secret in Secret.objects.select_for_update().filter(pk__in=batch):
        row = store.row_of(secret)
        try:
            secret.ciphertext = seal(ring, row, unseal(ring, row, bytes(secret.ciphertext)))
        except VaultError as error:
            faulty.append(Faulty(secret, error))
        else:
            secret.save(update_fields=["ciphertext"])
    return faulty
