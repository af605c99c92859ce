"""New keys for the vault, and what becomes of secrets whose key is lost. May be killed at any point and run again."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import vault
from accounts.models import Secret
from accounts.sealing import keys as vault_keys
from accounts.sealing.errors import VaultError
from accounts.sealing.keys import Key, Ring
from accounts.sealing.seal import seal, unseal

BATCH = 100


class Faulty(NamedTuple):
    """A secret that does not open, and why."""

    secret: Secret
    error: VaultError


class Rotated(NamedTuple):
    """What a rotation did."""

    key: Key
    moved: int
    faulty: list[Faulty]


def rotate() -> Rotated:
    """Seal everything with a new key, which is added first; one that an earlier run added is used to the end."""
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
    """The keys that nothing is sealed with any more. They are taken out of the file; out of VAULT_KEYS only people can."""
    vault.hold_keys(alone=True)
    ring = vault.sealing_ring()
    used = Secret.objects.key_ids() | {ring.first.id}
    kept = tuple(key for key in ring.keys if key.id in used)
    if kept != ring.keys and not settings.VAULT_KEYS:
        vault_keys.write(settings.VAULT_KEY_FILE, kept)
    return [key for key in ring.keys if key.id not in used]


def examine() -> Iterator[Faulty]:
    """Open every secret, and give those that do not. Raises KeyFileExposed, KeyFileUnusable."""
    ring = _present_ring()
    for secret in Secret.objects.order_by("pk").iterator():
        try:
            unseal(ring, vault.row_of(secret), bytes(secret.ciphertext))
        except VaultError as error:
            yield Faulty(secret, error)


@transaction.atomic
def forget_lost() -> int:
    """Delete the secrets that were sealed with a key that is not there. Gives how many."""
    vault.hold_keys(alone=True)
    there = [key.id for key in _present_ring().keys]
    return Secret.objects.not_sealed_with(there).delete()[0]


def _present_ring() -> Ring:
    return vault.ring() or Ring((), str(settings.VAULT_KEY_FILE))


@transaction.atomic
def _begin() -> Ring:
    """The keys to go on with. There is a new one unless an earlier run was not finished, or VAULT_KEYS says which to take."""
    vault.hold_keys(alone=True)
    ring = vault.sealing_ring()
    older = [key.id for key in ring.keys[1:]]
    if settings.VAULT_KEYS or Secret.objects.sealed_with(older).exists():
        return ring
    vault_keys.write(settings.VAULT_KEY_FILE, (vault_keys.new(), *ring.keys))
    return vault.sealing_ring()


def _ids(ring: Ring, last: UUID) -> list[UUID]:
    rows = Secret.objects.not_sealed_with([ring.first.id]).filter(pk__gt=last)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _move(ring: Ring, batch: list[UUID]) -> list[Faulty]:
    """Seal the batch's rows anew, as they are now: whoever changes one meanwhile waits, or has done so with the new key."""
    vault.hold_keys()
    faulty = []
    for secret in Secret.objects.select_for_update().filter(pk__in=batch):
        row = vault.row_of(secret)
        try:
            secret.ciphertext = seal(ring, row, unseal(ring, row, bytes(secret.ciphertext)))
        except VaultError as error:
            faulty.append(Faulty(secret, error))
        else:
            secret.save(update_fields=["ciphertext"])
    return faulty
