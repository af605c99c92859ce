"""Personal data in tools: a person's calls, what they allowed for good, and the files that their calls made."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.people.removal import File, Holding
from tools.models import Artifact, ArtifactVersion, StandingApproval, ToolCall

MANY, FEW = 500, 2  # rows in memory at once: calls, and files of up to 20 MB

CALL = (
    "id", "tool", "model", "via", "conversation", "run", "risk", "arguments", "state", "reason", "result", "error", "cost",
    "created_at", "decided_at", "ended_at",
)  # fmt: skip


def _calls(person: User) -> Iterator[Any]:
    yield from ToolCall.objects.filter(person=person).order_by("created_at", "pk").values(*CALL).iterator(MANY)


def _standing(person: User) -> Iterator[Any]:
    rows = StandingApproval.objects.filter(person=person).order_by("created_at", "pk")
    yield from rows.values("tool", "conversation", "created_at").iterator(MANY)


def _artifacts(person: User) -> Iterator[Any]:
    for version in _versions(person).defer("content").iterator(MANY):
        artifact = version.artifact
        yield {
            "name": artifact.name,
            "version": version.number,
            "conversation": artifact.conversation,
            "call": version.call,
            "type": version.media_type,
            "size": version.size,
            "created_at": version.created_at,
            "file": f"artifacts/{_place(version)}",
        }


def _files(person: User) -> Iterator[File]:
    for version in _versions(person).iterator(FEW):
        yield File(_place(version), bytes(version.content))


def _versions(person: User) -> "QuerySet[ArtifactVersion]":
    return (
        ArtifactVersion.objects.filter(artifact__in=Artifact.objects.filter(owner=person))
        .select_related("artifact")
        .order_by("created_at", "pk")
    )


def _place(version: ArtifactVersion) -> str:
    return f"{version.artifact_id}/{version.number}/{version.artifact.name}"


def _remove_calls(person: User) -> Counter[str]:
    """Delete calls outside any chat. Those in another person's chat stay with it, and no one is named by them."""
    theirs = ToolCall.objects.filter(person=person)
    removed = Counter(theirs.filter(conversation=None).delete()[1])
    undecided = theirs.filter(state__in=(ToolCall.State.WAITING, ToolCall.State.READY))
    undecided.update(state=ToolCall.State.CANCELLED, ended_at=timezone.now())
    theirs.update(person=None, token=None)
    return removed


def _remove_artifacts(person: User) -> Counter[str]:
    """Delete files outside any chat. Those in another person's chat stay with it, and no one is named by them."""
    theirs = Artifact.objects.filter(owner=person)
    removed = Counter(theirs.filter(conversation=None).delete()[1])
    theirs.update(owner=None)
    return removed


HOLDINGS = (
    Holding("tool-calls", _calls, _remove_calls),
    Holding("tool-approvals", _standing),
    Holding("artifacts", _artifacts, _remove_artifacts, _files),
)
