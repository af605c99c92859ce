"""Fingerprints of the keys that all machines of an installation must share."""

from django.db import models


class SharedKey(models.Model):
    """A key as the first process that started knew it: enough to notice another, and nothing to find it by."""

    name = models.CharField(max_length=40, primary_key=True)
    fingerprint = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
