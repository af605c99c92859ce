"""Grants: rows that allow or deny an action."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import grant_limits
from accounts.models.groups import Group
from accounts.models.people import Tenant, User

ALL = "*"


def is_schema(limits: dict[str, Any]) -> None:
    """Validate that limits are a JSON Schema of an object. Raises ValidationError."""
    try:
        grant_limits.check(limits)
    except grant_limits.NoLimits as error:
        raise ValidationError(str(error)) from error


class Grant(models.Model):
    """Allows or denies a person, a group or everyone in the tenant an action on things of a kind."""

    class Effect(models.TextChoices):
        """The effect of a grant. A denial overrides any grant that allows."""

        ALLOW = "allow"
        DENY = "deny"

    class Action(models.TextChoices):
        """The granted action. Permission to write includes permission to read."""

        READ = "read"
        WRITE = "write"
        USE = "use"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="grants")
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    effect = models.CharField(max_length=8, choices=Effect, default=Effect.ALLOW)
    action = models.CharField(max_length=8, choices=Action)
    kind = models.CharField(max_length=40, help_text="conversation, model, tool, …")
    target = models.CharField(
        "thing", max_length=200, default=ALL, help_text="The id or name of a thing, or * for all of its kind."
    )
    limits = models.JSONField(
        default=dict, blank=True, validators=[is_schema], help_text="A JSON Schema that the arguments of a call must match."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    called = ""  # the thing's name for operators, on a page that looked it up: accounts.operators.grant_targets.call

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person=None) | models.Q(group=None),
                name="grant_to_a_person_or_a_group",
                violation_error_message="Choose a person or a group, or neither for everyone.",
            )
        ]
        indexes = [models.Index(fields=["tenant", "kind", "target"], name="grant_of_a_thing")]

    def __str__(self) -> str:
        verb = "may" if self.effect == self.Effect.ALLOW else "may not"
        target = f"every {self.kind}" if self.target == ALL else f"{self.kind} {self.called or self.target}"
        return f"{self.whom} {verb} {self.action} {target}"

    @property
    def whom(self) -> str:
        """The person or people it applies to, in words."""
        return str(self.person or self.group or "Everyone")

    @property
    def limits_text(self) -> str:
        """The limits as JSON text."""
        return json.dumps(self.limits, ensure_ascii=False)

    def clean(self) -> None:
        """Refuse a person or group of another tenant."""
        for other in (self.person, self.group):
            if other and other.tenant_id != self.tenant_id:
                raise ValidationError(f"{other} belongs to another tenant.")
