"""Queries for secrets by the key that encrypted them, whose id is in the encrypted text (see `seal`)."""

from collections.abc import Iterable

from django.db.models import BinaryField, QuerySet
from django.db.models.functions import Substr

from accounts.models import Secret
from accounts.vault.keys import ID_SIZE
from accounts.vault.seal import VERSION

_KEY_ID = Substr("ciphertext", len(VERSION) + 1, ID_SIZE, output_field=BinaryField())


def sealed_with(key_ids: Iterable[bytes]) -> QuerySet[Secret]:
    """Select the secrets that one of these keys encrypted."""
    return _only(Secret.objects.annotate(key_id=_KEY_ID).filter(key_id__in=list(key_ids)))


def not_sealed_with(key_ids: Iterable[bytes]) -> QuerySet[Secret]:
    """Select the secrets that other keys encrypted."""
    return _only(Secret.objects.annotate(key_id=_KEY_ID).exclude(key_id__in=list(key_ids)))


def keys_in_use() -> set[bytes]:
    """Return the ids of the keys in use."""
    return set(map(bytes, Secret.objects.annotate(key_id=_KEY_ID).values_list("key_id", flat=True).distinct()))


def _only(found: "QuerySet[Secret]") -> QuerySet[Secret]:
    """Select the plain rows, without the column that they were found by."""
    return Secret.objects.filter(pk__in=found.values("pk"))
