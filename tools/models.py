"""The tables of tools: calls, what operators and people decided about tools, and what calls made."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.access import Thing

if TYPE_CHECKING:
    from accounts.models import User

PERSON = settings.AUTH_USER_MODEL
DATABASE = "database"  # the kind of databases in grants
MOST_SCHEMAS, LONGEST_NAME = 20, 63


class CallQuerySet(models.QuerySet["ToolCall"]):
    """Calls. A person sees their own; operators look at all of a tenant in the operators' pages."""

    def visible_to(self, person: "User") -> Self:
        """The calls that this person made, or had made for them."""
        return self.filter(person=person, tenant=person.tenant_id) if person.is_active else self.none()


class ToolCall(models.Model):
    """One call of a tool, from its arguments to its result.

    `tools.calling.rows` holds every change of its state, `tools.execution.claims` those of a long one while it is under way.
    """

    class State(models.TextChoices):
        """The life of a call. `queued`: a long one, which a worker is to take.

        `unknown`: its process died before its end, and nothing says whether it happened.
        """

        WAITING = "waiting"
        READY = "ready"
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        DENIED = "denied"
        EXPIRED = "expired"
        CANCELLED = "cancelled"
        UNKNOWN = "unknown"

    OPEN = (State.WAITING, State.READY, State.QUEUED, State.RUNNING)
    UNDER_WAY = (State.QUEUED, State.RUNNING)

    id = models.CharField(primary_key=True, max_length=36, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        PERSON, null=True, on_delete=models.CASCADE, related_name="+", help_text="No one, after they left another's chat."
    )
    token = models.UUIDField(null=True, blank=True, help_text="The access token by which it was asked.")
    via = models.CharField(max_length=16, help_text="Who asked: the model, or a person by the page, REST, …")
    conversation = models.UUIDField(null=True, blank=True)
    run = models.UUIDField(null=True, blank=True)
    model = models.CharField(max_length=200, blank=True, help_text="The model that asked.")
    tool = models.CharField(max_length=63)
    definition = models.CharField(max_length=64, help_text="Hash of the tool's name, description and schema at that time.")
    risk = models.CharField(max_length=16)
    arguments = models.JSONField(default=dict)
    sent = models.TextField(blank=True, help_text="The arguments as the model sent them, where they were repaired or edited.")
    state = models.CharField(max_length=16, choices=State)
    reason = models.TextField(blank=True, help_text="Why a person is asked.")
    decided_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.CharField(max_length=64, blank=True, help_text="The kind of failure.")
    is_cached = models.BooleanField(default=False)
    cost = models.FloatField(default=0.0)
    is_long = models.BooleanField(default=False, db_default=False, help_text="It runs in a worker.")
    zone = models.CharField(max_length=64, default="UTC", db_default="UTC", help_text="The person's time zone.")
    claim = models.UUIDField(null=True, blank=True, editable=False)  # of the worker that has it
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often a worker took it.")
    heard_at = models.DateTimeField(null=True, blank=True, help_text="The last sign of life of its worker.")
    cancel_asked = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = "tool call"
        indexes = (
            models.Index(fields=["person", "-created_at"], name="call_of_person"),
            models.Index(fields=["tenant", "-created_at"], name="call_of_tenant"),
            models.Index(fields=["tenant", "tool", "-created_at"], name="call_of_tool"),
            models.Index(fields=["conversation"], name="call_of_conversation"),
            models.Index(fields=["expires_at"], condition=models.Q(state="waiting"), name="call_waiting"),
            models.Index(
                fields=["run"], condition=models.Q(is_long=True, state__in=("queued", "running")), name="call_under_way"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tool} ({self.state})"

    @property
    def milliseconds(self) -> float | None:
        """The time from its begin to its end."""
        begun = self.dispatched_at or self.created_at
        return (self.ended_at - begun).total_seconds() * 1000 if self.ended_at else None


class ToolSetting(models.Model):
    """An operator's settings of a tool in a tenant. Without a row, the tool's own description holds."""

    class Ask(models.TextChoices):
        """Moments at which a person is asked before a model's call runs. Critical calls are always asked about."""

        BY_RISK = "", "by its risk"
        NEVER = "never", "never"
        ONCE = "once", "until the person allows it for good"
        ALWAYS = "always", "before each call"

    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    tool = models.CharField(max_length=63)
    is_on = models.BooleanField("on", default=True, help_text="Off: no one in the tenant can see or call it.")
    ask = models.CharField("ask a person", max_length=8, choices=Ask, blank=True, default=Ask.BY_RISK)
    by_another = models.BooleanField(
        "by a second person", default=False, help_text="A critical call is decided by another person than the one who asked."
    )
    timeout = models.FloatField(null=True, blank=True, help_text="Seconds; empty: as the tool says.")

    class Meta:
        verbose_name = "tool setting"
        constraints = (models.UniqueConstraint(fields=["tenant", "tool"], name="one_setting_of_a_tool"),)

    def __str__(self) -> str:
        return self.tool


class StandingApproval(models.Model):
    """A person's "always" for a tool as it was described then, in one conversation or everywhere."""

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    tool = models.CharField(max_length=63)
    definition = models.CharField(max_length=64)
    conversation = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "tool", "conversation"], nulls_distinct=False, name="one_standing_approval"
            ),
        )
        indexes = (models.Index(fields=["conversation"], name="approval_of_conversation"),)

    def __str__(self) -> str:
        return self.tool


class Artifact(models.Model):
    """A file, plot or table that a call or an answer made. Its versions have one name in one conversation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        PERSON, null=True, on_delete=models.CASCADE, related_name="+", help_text="No one, after they left another's chat."
    )
    conversation = models.UUIDField(null=True, blank=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "name"],
                condition=models.Q(conversation__isnull=False),
                name="one_artifact_of_a_name",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ArtifactVersion(models.Model):
    """The bytes of an artifact as they were after one call."""

    artifact = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    call = models.CharField(max_length=36, blank=True)
    media_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["artifact", "number"], name="one_version_of_a_number"),)

    def __str__(self) -> str:
        return f"version {self.number}"


def are_names(schemas: Any) -> None:
    """Validate that the schemas are names. Raises ValidationError."""
    if not isinstance(schemas, list) or not all(isinstance(name, str) and 0 < len(name) <= LONGEST_NAME for name in schemas):
        raise ValidationError("Write the names of schemas, separated by commas.")
    if len(schemas) > MOST_SCHEMAS or any(name.lower().startswith(("pg_", "information_schema")) for name in schemas):
        raise ValidationError(f"At most {MOST_SCHEMAS} schemas can be opened, and none of the system's.")


class SqlDatabase(models.Model):
    """A database that people may query, if it is granted to them. Its address, with the password, is in the vault."""

    class Kind(models.TextChoices):
        """A kind of database."""

        POSTGRESQL = "postgresql", "PostgreSQL"
        SQLITE = "sqlite", "SQLite"
        SAMPLE = "sample", "Sample shop"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(
        max_length=40,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "A name has small letters, digits and _, and starts with a letter.")],
        help_text="The name by which models and people ask for it.",
    )
    description = models.CharField(max_length=400, blank=True, help_text="Its contents in a sentence, for models and people.")
    kind = models.CharField(max_length=12, choices=Kind)
    secret = models.ForeignKey(
        "accounts.Secret", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    place = models.CharField("stored address", max_length=300, blank=True, editable=False)  # without the password
    by_owner = models.BooleanField(default=False, editable=False)  # the owner of the installation chose the address
    schemas = models.JSONField(default=list, blank=True, validators=[are_names])
    enabled = models.BooleanField(default=True, help_text="Off: no one can query it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "database"
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="sql_database_name",
                violation_error_message="There is a database with this name.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def dialect(self) -> str:
        """The kind of SQL that it speaks."""
        return str((self.Kind.SQLITE if self.kind == self.Kind.SAMPLE else self.Kind(self.kind)).label)

    @property
    def thing(self) -> Thing:
        """The thing that grants name."""
        return Thing(DATABASE, str(self.pk), self.tenant_id)
