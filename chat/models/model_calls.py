"""Requests to models, one row each: the usage that people and operators look at. Budgets use `accounts.Usage`."""

from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7

from chat.models.conversations import Run


class ModelCall(models.Model):
    """One request to a model that has ended. It outlives its conversation and, without the name, its person."""

    class Purpose(models.TextChoices):
        """Reason for which a model was asked."""

        ANSWER = "answer"
        TITLE = "title"
        FOLLOW_UPS = "follow-ups"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(help_text="When the model was asked.")
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.UUIDField(null=True, help_text="The access token with which it was asked.")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.ANSWER)
    model = models.CharField(max_length=200)
    provider = models.CharField(max_length=80)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0, help_text="Tokens of the prompt that the provider had cached.")
    cost = models.DecimalField(max_digits=16, decimal_places=8, null=True, help_text="US dollars, where the price is known.")
    first_token = models.DurationField(null=True, help_text="From the request to the first token.")
    took = models.DurationField(null=True, help_text="From the request to the last token.")
    outcome = models.CharField(max_length=32, help_text="The reason why it ended, or the kind of failure.")

    class Meta:
        verbose_name = "model call"
        indexes = (
            models.Index(fields=["tenant", "at"], name="model_call_of_a_tenant"),
            models.Index(fields=["person", "at"], name="model_call_of_a_person"),
            models.Index(fields=["run"], name="model_call_of_a_run", condition=models.Q(run__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.model}: {self.prompt_tokens + self.completion_tokens} tokens"
