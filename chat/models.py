"""Conversations as trees of messages, and the runs that make their answers."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import texts
from accounts.access import OwnedQuerySet

CONVERSATION = "conversation"


class ConversationQuerySet(OwnedQuerySet["Conversation"]):
    """Conversations: one's own, and those that somebody shares."""

    kind = CONVERSATION


class Conversation(models.Model):
    """A person's talk with a model. What it shows is the branch that ends in `leaf`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True, help_text="The model that answers next, by its name in the catalogue.")
    leaf = models.ForeignKey("chat.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-updated_at"], name="conversation_recent"),
            models.Index(fields=["tenant", "-updated_at"], name="conversation_of_tenant"),  # who is granted all of them
        ]

    def __str__(self) -> str:
        return "New chat" if texts.is_blank(self.title) else self.title


class Message(models.Model):
    """One turn of a conversation. A turn with two children is a fork: an edit, or a second answer."""

    class Role(models.TextChoices):
        """Who speaks."""

        USER = "user"
        ASSISTANT = "assistant"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    role = models.CharField(max_length=16, choices=Role)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    model = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:60]}"


class RunQuerySet(OwnedQuerySet["Run"]):
    """Runs; whose they are follows from their conversation."""

    kind = CONVERSATION
    via = "conversation"


class Run(models.Model):
    """One answer in the making. Only the runner that holds the lease under the present `fence` writes to it."""

    class Status(models.TextChoices):
        """A run is born queued and ends in one of the last four."""

        QUEUED = "queued"
        RUNNING = "running"
        COMPLETE = "complete"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="runs")
    answer = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="runs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    continues = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    request_key = models.CharField(max_length=64, null=True, blank=True, help_text="Makes a repeated send the same run.")
    model = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=80, blank=True)
    token = models.UUIDField(null=True, blank=True, help_text="The access token by which it was asked, whose budget it is on.")
    prompt_estimate = models.PositiveIntegerField(default=0, help_text="Tokens of the whole request, counted by its bytes.")
    prompt_rate = models.FloatField(null=True, help_text="US dollars a token of the request, where they are known.")
    answer_rate = models.FloatField(null=True, help_text="US dollars a token of the answer, where they are known.")
    parameters = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    stop_requested = models.BooleanField(default=False)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    finish_reason = models.CharField(max_length=32, blank=True)
    error = models.JSONField(null=True, blank=True)
    usage = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "request_key"], name="run_of_one_request"),
            models.UniqueConstraint(
                fields=["answer"], condition=models.Q(status__in=["queued", "running"]), name="run_one_active_of_an_answer"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(status="queued"), name="run_queued"),
            models.Index(fields=["lease_until"], condition=models.Q(status="running"), name="run_leased"),
            models.Index(fields=["-created_at"], name="run_recent"),  # what operators look at
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} ({self.status})"

    @property
    def is_active(self) -> bool:
        """Whether more events are to come."""
        return self.status in self.ACTIVE


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
