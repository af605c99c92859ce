"""Login sessions as people see them: the device, how the person signed in, and when it ended."""

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.people import User


class Visit(models.Model):
    """One login session. It is kept for a while after its end: the addresses a person has used before are recognized."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="visits")
    session = models.CharField(max_length=64, unique=True, null=True, help_text="SHA-256 of its key.")
    how = models.CharField(max_length=60, help_text="How the person signed in: password, link, passkey, …")
    client = models.CharField(max_length=200)
    address = models.CharField(max_length=64)
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-seen_at",)
        indexes = [models.Index(fields=["person", "address"], name="visit_from_an_address")]

    def __str__(self) -> str:
        return f"{self.person} by {self.how}"
