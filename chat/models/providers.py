"""Providers that operators set up, and their models. The keys are in the vault."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from chat.providers.known import registry

OTHER = "openai_compatible"
# Servers that stand where their operators put them.
NEEDS_ADDRESS = frozenset({"llamacpp", "vllm", "azure", OTHER})
KINDS = [
    *sorted(
        ((name, known.label) for name, known in registry.PROVIDERS.items() if name != OTHER), key=lambda one: one[1].lower()
    ),
    (OTHER, "Another OpenAI-compatible server"),
]
# Without a key of its own, LiteLLM would ask them with what this machine has: its variables, or its role in a cloud.
NEEDS_KEY = frozenset({"anthropic", "azure", "bedrock"})
IS_ADDRESS = RegexValidator(r"^https?://[^\s/?#@]+[^\s?#]*$", "Write an address such as https://llm.example.org/v1.")


class ModelProvider(models.Model):
    """A place that serves models, with its key, for one tenant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80, help_text="A name for operators.")
    kind = models.CharField(max_length=20, choices=KINDS, help_text="A server of your own needs its address.")
    base_url = models.CharField(
        "address", max_length=300, blank=True, validators=[IS_ADDRESS], help_text="Empty: the provider's own address."
    )
    secret = models.ForeignKey(
        "accounts.Secret", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    enabled = models.BooleanField(default=True, help_text="Off: no one is offered its models.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "provider"
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="provider_name",
                violation_error_message="There is a provider with this name.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Ask for an address where none is known."""
        if not self.base_url and self.kind in NEEDS_ADDRESS:
            raise ValidationError({"base_url": "Enter the server's address, such as http://127.0.0.1:8080/v1."})


class ProviderModel(models.Model):
    """A model of a provider, as people choose it."""

    provider = models.ForeignKey(ModelProvider, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(max_length=120, help_text="The name that people see.")
    model = models.CharField(max_length=200, help_text="The provider's name for it.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first; the first is the default.")
    system_role = models.BooleanField(
        "takes instructions", default=True, help_text="Off: they stand before the first question."
    )
    takes_tools = models.BooleanField(default=True, help_text="Off: it is told of tools in words, and calls them in words.")
    context_window = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(256)],
        help_text="Tokens of prompt and answer together. Empty: as its server or the table of models says.",
    )
    max_output = models.PositiveIntegerField(
        "longest answer",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Tokens of an answer. Empty: as above.",
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        verbose_name = "model"
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["provider", "name"],
                name="provider_model_name",
                violation_error_message="The provider has a model with this name already.",
            ),
        )

    def __str__(self) -> str:
        return self.name
