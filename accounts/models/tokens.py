"""Personal access tokens: credentials of scripts and other programs."""

import hashlib
import secrets
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.people import User


class AccessToken(models.Model):
    """A token of one person with part of their rights. It has 256 random bits; only its SHA-256 is stored."""

    PREFIX: ClassVar[str] = "gxy_pat_"
    SHOWN: ClassVar[int] = len(PREFIX) + 6

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    start = models.CharField(max_length=20, help_text="The token's first characters, to recognize it by.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @classmethod
    def issue(cls, person: User, name: str, scopes: list[str], expires_at: datetime | None) -> tuple["AccessToken", str]:
        """Create a token and return its text, which is shown once and not stored."""
        text = cls.PREFIX + secrets.token_urlsafe(32)
        made = cls.objects.create(
            person=person, name=name, scopes=scopes, expires_at=expires_at, start=text[: cls.SHOWN], digest=digest_of(text)
        )
        return made, text


def digest_of(text: str) -> str:
    """Compute the stored digest of a token."""
    return hashlib.sha256(text.encode()).hexdigest()
