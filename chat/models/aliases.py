"""Aliases that operators set up: names under which one of several models answers."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

USUAL_PATIENCE = 8.0


class ModelAlias(models.Model):
    """A name that people choose like a model's. The first of its members that can answer does, and the answer says which."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120, help_text="The name that people see.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first among the aliases.")
    patience_seconds = models.FloatField(
        "patience",
        default=USUAL_PATIENCE,
        validators=[MinValueValidator(0.5), MaxValueValidator(600)],
        help_text="Seconds that a model may take to its first word. Then, or as soon as it fails, the next one is asked.",
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "alias"
        verbose_name_plural = "aliases"
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "name"], name="alias_name", violation_error_message="There is an alias with this name."
            ),
        )

    def __str__(self) -> str:
        return self.name


class AliasMember(models.Model):
    """A model of an alias, by the name under which it is offered. A member that is not offered now is passed over."""

    alias = models.ForeignKey(ModelAlias, on_delete=models.CASCADE, related_name="members")
    model = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers are asked first.")

    class Meta:
        verbose_name = "model"
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["alias", "model"], name="alias_member", violation_error_message="The alias has this model already."
            ),
        )

    def __str__(self) -> str:
        return self.model
