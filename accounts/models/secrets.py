"""Rows of stored secrets, without a readable value."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.rights import OwnedQuerySet


class SecretQuerySet(OwnedQuerySet["Secret"]):
    """Secrets. `visible_to` selects a person's own; those of the tenant are for operators."""

    kind = "secret"


class Secret(models.Model):
    """A provider's key or another credential, encrypted. Only `accounts.vault.store` writes and decrypts it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        "accounts.User",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Leave it empty for a secret of the tenant.",
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
