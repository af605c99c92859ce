"""Apps that people connected through OAuth. The tokens carry an app's permissions; this records the person's consent."""

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.people import User


class ConnectedApp(models.Model):
    """A person's connection to an app, from the first consent on. Without this row, all of the app's tokens are invalid."""

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
