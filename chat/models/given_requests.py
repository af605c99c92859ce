"""Requests that programs give as a whole."""

from django.db import models

from chat.models.conversations import Run


class GivenRequest(models.Model):
    """The whole request of a program (`chat.providers.given`), kept beside its run until that ends."""

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE, related_name="given")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"Request of {self.run_id}"
