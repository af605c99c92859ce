"""Conversations as trees of messages, and the runs that make their answers."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from accounts.access import OWN, READ, OwnedQuerySet
from accounts.storage import texts
from chat import parts
from chat.parts import AnyPart

if TYPE_CHECKING:
    from accounts.models import User

CONVERSATION = "conversation"


class PartsField(models.JSONField):
    """A list of parts (`chat.parts`), kept as a JSON array."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": list, "blank": True, "editable": False, **options})

    def from_db_value(self, value: str | None, *_: object) -> list[AnyPart] | None:
        """As Django says."""
        return None if value is None else parts.decode(value)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002, ARG002
        """As Django says."""
        return value if value is None or hasattr(value, "as_sql") else Jsonb(value, dumps=parts.encode)


class TextOf(models.Func):
    """The plain text of parts; the function is made by a migration."""

    function = "chat_text_of"
    output_field = models.TextField()


class ConversationQuerySet(OwnedQuerySet["Conversation"]):
    """Conversations: one's own, and those shared by others. A marked one is visible to no one, at no door."""

    kind = CONVERSATION

    def kept(self) -> Self:
        """Conversations that are not marked to be deleted, and are not a program's."""
        return self.filter(deleted_at=None, is_transient=False)

    def left_over(self, before: datetime) -> Self:
        """Conversations of programs whose answer ended before this moment."""
        open_ones = Run.objects.filter(status__in=Run.OPEN).values("conversation")
        return self.filter(is_transient=True, updated_at__lt=before).exclude(pk__in=open_ones)

    def visible_to(self, person: "User", action: str = READ) -> Self:
        """The conversations with which this person may do this."""
        return super().visible_to(person, action).kept()

    def restorable_by(self, person: "User") -> Self:
        """The person's marked ones, which they can still bring back."""
        return super().visible_to(person, OWN).exclude(deleted_at=None)


class Conversation(models.Model):
    """A person's talk with a model. What it shows is the branch that ends in `leaf`."""

    UNDO_OFFERED = timedelta(seconds=20)  # after its deletion; less than the time in which it can be undone
    UNDO_WITHIN = timedelta(seconds=30)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True, help_text="The model that answers next, by its name in the catalogue.")
    tools = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="Names of the tools chosen with its first message; without them all that its person may use.",
    )
    leaf = models.ForeignKey("chat.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Marked to be deleted for good when the time to undo is over.",
    )

    is_transient = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="A program's request: shown nowhere, and deleted soon after its answer.",
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-updated_at"], name="conversation_recent"),
            models.Index(fields=["tenant", "-updated_at"], name="conversation_of_tenant"),  # who is granted all of them
            models.Index(fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="conversation_marked"),
            models.Index(fields=["updated_at"], condition=models.Q(is_transient=True), name="conversation_transient"),
        ]

    def __str__(self) -> str:
        return "New chat" if texts.is_blank(self.title) else self.title

    @property
    def undo_seconds(self) -> int:
        """Seconds for which Undo is offered after its deletion."""
        return int(self.UNDO_OFFERED.total_seconds())


class Message(models.Model):
    """One turn of a conversation. A turn with two children is a fork: an edit, or a second answer."""

    class Role(models.TextChoices):
        """Speaker of a message."""

        USER = "user"
        ASSISTANT = "assistant"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    role = models.CharField(max_length=16, choices=Role)
    parts = PartsField()
    text = models.GeneratedField(expression=TextOf("parts"), output_field=models.TextField(), db_persist=True)
    model = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:60]}"

    @property
    def reasoning(self) -> str:
        """The model's thoughts, as plain text."""
        return parts.reasoning_of(self.parts)


class RunQuerySet(OwnedQuerySet["Run"]):
    """Runs; whose they are follows from their conversation."""

    kind = CONVERSATION
    via = "conversation"

    def visible_to(self, person: "User", action: str = READ) -> Self:
        """The runs of conversations with which this person may do this."""
        return super().visible_to(person, action).filter(conversation__deleted_at=None, conversation__is_transient=False)


class Run(models.Model):
    """One answer in the making. Only the runner that holds the lease under the present `fence` writes to it."""

    class Status(models.TextChoices):
        """State of a run. `chat.runs.states` holds the transitions; the last four are ends."""

        QUEUED = "queued"
        RUNNING = "running"
        WAITING = "waiting"
        COMPLETE = "complete"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    ACTIVE = (Status.QUEUED, Status.RUNNING)
    OPEN = (*ACTIVE, Status.WAITING)  # more is to come

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="runs")
    answer = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="runs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    continues = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    request_key = models.CharField(max_length=64, null=True, blank=True, help_text="Makes a repeated send the same run.")
    model = models.CharField(max_length=200, blank=True)
    answered_by = models.CharField(max_length=200, blank=True, default="", db_default="", help_text="The member that answers.")
    passed_over = models.JSONField(null=True, blank=True, editable=False, help_text="Members that were passed over.")
    provider = models.CharField(max_length=80, blank=True)
    token = models.UUIDField(null=True, blank=True, help_text="The access token by which it was asked, whose budget it is on.")
    prompt_estimate = models.PositiveIntegerField(default=0, help_text="Tokens of the whole request, counted by its bytes.")
    prompt_rate = models.FloatField(null=True, help_text="US dollars a token of the request, where they are known.")
    answer_rate = models.FloatField(null=True, help_text="US dollars a token of the answer, where they are known.")
    cached_rate = models.FloatField(null=True, help_text="US dollars per cached token of the prompt, likewise.")
    parameters = models.JSONField(default=dict, blank=True)
    tools = models.JSONField(null=True, blank=True, help_text="Names of the tools that its model is told of, to its end.")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    stop_requested = models.BooleanField(default=False)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    finish_reason = models.CharField(max_length=32, blank=True)
    error = models.JSONField(null=True, blank=True)
    usage = models.JSONField(null=True, blank=True)
    follow_ups = models.JSONField(null=True, blank=True, help_text="Follow-up questions that a model suggested.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="When what it waited for was last decided.")
    settled = models.JSONField(null=True, blank=True, help_text="The usage up to the last wait, which is in the ledger.")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "request_key"], name="run_of_one_request"),
            models.UniqueConstraint(
                fields=["answer"],
                condition=models.Q(status__in=["queued", "running", "waiting"]),
                name="run_one_open_of_an_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(status="queued"), name="run_queued"),
            models.Index(fields=["lease_until"], condition=models.Q(status="running"), name="run_leased"),
            models.Index(fields=["created_at"], condition=models.Q(status="waiting"), name="run_waiting"),
            models.Index(fields=["-created_at"], name="run_recent"),  # what operators look at
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} ({self.status})"

    @property
    def answerer(self) -> str:
        """The model that answers: the member, if an alias was asked."""
        return self.answered_by or self.model

    @property
    def is_open(self) -> bool:
        """Tell whether more events are to come."""
        return self.status in self.OPEN


class RunStep(models.Model):
    """A finished request of a run to a model that was not its last one: the calls it made, then their results.

    With the run's end the parts become the answer's and leave here.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    last = models.PositiveIntegerField(help_text="The number of the step's last event.")
    parts = PartsField()
    model = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=80, blank=True)
    finish_reason = models.CharField(max_length=32, blank=True)
    usage = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="run_step_once")]

    def __str__(self) -> str:
        return f"Step {self.number}"


class RunWait(models.Model):
    """One thing that a run waits for: a person's decision on a call, or a long tool. It is decided once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="waits")
    call = models.CharField(max_length=16, help_text="The id of the tool call that waits.")
    asked = models.JSONField(default=dict, help_text="What a person is shown: tool, arguments, reason.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decision = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "call"], name="run_waits_once_for_a_call")]
        indexes = [
            models.Index(fields=["expires_at"], condition=models.Q(decided_at=None), name="run_wait_open"),
            models.Index(fields=["call"], condition=models.Q(decided_at=None), name="run_wait_of_call"),
        ]

    def __str__(self) -> str:
        return f"Waiting for {self.call}"


class RunEvent(models.Model):
    """Consecutive events of a run, numbered `first` to `last`, as encoded frames, one a line (see `chat.events`)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    frames = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "first"], name="run_event_once")]

    def __str__(self) -> str:
        return f"Events {self.first} to {self.last}"
