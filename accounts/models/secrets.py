"""A kept secret: the row, which holds no readable value."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Substr
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.access import OwnedQuerySet
from accounts.sealing.keys import ID_SIZE

_KEY_ID = Substr("ciphertext", 2, ID_SIZE, output_field=models.BinaryField())  # accounts.sealing.seal says where it stands


class SecretQuerySet(OwnedQuerySet["Secret"]):
    """Secrets. `visible_to` gives a person's own; those of the tenant are the operators'."""

    kind = "secret"

    def sealed_with(self, key_ids: Iterable[bytes]) -> Self:
        """Those that one of these keys sealed."""
        return self.filter(pk__in=self.annotate(key_id=_KEY_ID).filter(key_id__in=list(key_ids)).values("pk"))

    def not_sealed_with(self, key_ids: Iterable[bytes]) -> Self:
        """Those that other keys sealed."""
        return self.filter(pk__in=self.annotate(key_id=_KEY_ID).exclude(key_id__in=list(key_ids)).values("pk"))

    def key_ids(self) -> set[bytes]:
        """The keys that sealed them."""
        return set(map(bytes, self.annotate(key_id=_KEY_ID).values_list("key_id", flat=True).distinct()))


class Secret(models.Model):
    """A provider's key or another credential, sealed (accounts.vault). Nothing but `accounts.vault` writes or opens it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        "accounts.User",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Nobody: it is the tenant's.",
    )
    name = models.CharField(max_length=80)
    ciphertext = models.BinaryField()
    hint = models.CharField(max_length=4, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    objects = SecretQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "owner", "name"], name="secret_name", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name
