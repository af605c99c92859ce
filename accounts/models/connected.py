"""Apps that people connected by OAuth. What an app may do is in its tokens; here is that the person wants it at all."""

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.people import User


class ConnectedApp(models.Model):
    """A person's connection to one app, since its first consent. Without this row none of the app's tokens counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="connected_apps")
    application = models.ForeignKey("oauth2_provider.Application", on_delete=models.CASCADE, related_name="connections")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "connection"
        constraints = (models.UniqueConstraint(fields=("person", "application"), name="connected_once"),)

    def __str__(self) -> str:
        return f"{self.application} of {self.person}"
