"""Invitations: links through which a new person joins a tenant."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.groups import Group
from accounts.models.people import Tenant, User


class Invitation(models.Model):
    """An invitation of one email address. The token has 256 random bits; only its SHA-256 is stored."""

    LIFETIME = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField("email")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    groups = models.ManyToManyField(Group, blank=True, related_name="+", help_text="The groups that the person will join.")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"Invitation of {self.email}"

    @property
    def state(self) -> str:
        """The state of the invitation: open, accepted, revoked or expired."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"

    @staticmethod
    def new_token() -> str:
        """Create a token, which is shown once and not stored."""
        return secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(token: str) -> str:
        """Compute the stored digest of a token."""
        return hashlib.sha256(token.encode()).hexdigest()
