"""Fingerprints of the keys that all machines of an installation must share."""

from django.db import models


class SharedKey(models.Model):
    """The fingerprint of a key, from the first process that started: it detects another key, and does not reveal this one."""

    name = models.CharField(max_length=40, primary_key=True)
    fingerprint = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
