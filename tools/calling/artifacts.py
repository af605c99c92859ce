"""Files that calls make: kept by name and version with their conversation, and deleted with it."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from accounts.models import User
from tools.calling.caller import Caller
from tools.models import Artifact, ArtifactVersion
from tools.specs import MadeFile

MOST_BYTES = 20_000_000  # of one file
MOST_FILES = 20  # of one call
LONGEST_NAME = 120
UNSAFE = re.compile(r"[^\w .()+,@=-]+")


def store(caller: Caller, call_id: str, files: Sequence[MadeFile]) -> list[dict[str, Any]]:
    """Keep the files as artifacts. A name that the conversation has already becomes its next version.

    Returns what a page and a client are told of each. What is too large, or too many, is left out.
    """
    fitting = [file for file in files if len(file.content) <= MOST_BYTES][:MOST_FILES]
    with transaction.atomic():
        return [_stored(caller, call_id, file) for file in fitting]


def _stored(caller: Caller, call_id: str, file: MadeFile) -> dict[str, Any]:
    artifact = _artifact(caller, safe_name(file.name))
    number = (artifact.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    digest = hashlib.sha256(file.content).hexdigest()
    told = {"media_type": file.media_type[:120], "size": len(file.content)}
    ArtifactVersion.objects.create(artifact=artifact, number=number, call=call_id, sha256=digest, content=file.content, **told)
    return {"artifact_id": str(artifact.pk), "version": number, "name": artifact.name, "call_id": call_id, **told}


def _artifact(caller: Caller, name: str) -> Artifact:
    whose = {"tenant_id": caller.person.tenant_id, "owner": caller.person}
    if caller.conversation_id is None:
        return Artifact.objects.create(name=name, **whose)
    artifact, _ = Artifact.objects.select_for_update().get_or_create(
        conversation=caller.conversation_id, name=name, defaults=whose
    )
    return artifact


def safe_name(name: str) -> str:
    """The last part of the name, of letters that every system takes."""
    last = UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, dot, kind = last.rpartition(".")
    return (
        f"{stem[: LONGEST_NAME - len(kind) - 1]}{dot}{kind}"
        if dot and len(last) > LONGEST_NAME
        else last[:LONGEST_NAME] or "file"
    )


def of_person(person: User) -> QuerySet[Artifact]:
    """The artifacts that belong to this person."""
    rows = Artifact.objects.filter(owner=person, tenant=person.tenant_id)
    return rows if person.is_active else rows.none()


def of_conversation(conversation_id: UUID) -> QuerySet[Artifact]:
    """The artifacts of a conversation; whether a person may see it, the caller has asked."""
    return Artifact.objects.filter(conversation=conversation_id).order_by("created_at", "pk")


def forget(conversation_ids: Collection[UUID]) -> Counter[str]:
    """Delete the artifacts of conversations that are deleted. Returns the number of rows by table."""
    return Counter(Artifact.objects.filter(conversation__in=conversation_ids).delete()[1])
