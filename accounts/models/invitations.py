"""Invitations: links by which somebody new becomes a person of a tenant."""

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
    """One for an e-mail address. Only the token's SHA-256 is kept: the token itself has 256 random bits."""

    LIFETIME = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField("e-mail")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    groups = models.ManyToManyField(Group, blank=True, related_name="+", help_text="The groups the person will be in.")
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
        """What has become of it: open, accepted, revoked or expired."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"

    @staticmethod
    def new_token() -> str:
        """A token, which is shown once and kept nowhere."""
        return secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(token: str) -> str:
        """What is kept of a token."""
        return hashlib.sha256(token.encode()).hexdigest()
