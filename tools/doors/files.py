"""The bytes of artifacts, for their owner and for those who may see the conversation that they belong to."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.access import READ, Thing, grantable_kinds, may
from accounts.identity.callers import Caller
from accounts.models import User
from accounts.storage.connections import in_database
from tools.models import ArtifactVersion

# What a browser may show by itself. Anything else could run as a page of ours, and is offered as a download.
SHOWN = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv", "application/json"))
AS_TEXT = ("text/csv", "application/json")


@login_required
@require_GET
async def artifact(request: HttpRequest, artifact_id: UUID, number: int) -> HttpResponseBase:
    """One version of an artifact; with `?download`, as a file."""
    known: Caller = request.caller  # type: ignore[attr-defined]  # what login_required promises
    found = await in_database(_found, known.person, artifact_id, number)
    is_shown = found.media_type in SHOWN and "download" not in request.GET
    media_type = "text/plain; charset=utf-8" if is_shown and found.media_type in AS_TEXT else found.media_type
    answer = HttpResponse(bytes(found.content), content_type=media_type if is_shown else "application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(not is_shown, found.artifact.name) or "attachment"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=3600, immutable"
    return answer


def _found(person: User, artifact_id: UUID, number: int) -> ArtifactVersion:
    """The version, if the person may see it. Raises Http404."""
    versions = ArtifactVersion.objects.select_related("artifact")
    found = versions.filter(artifact=artifact_id, number=number, artifact__tenant=person.tenant_id).first()
    if found is None or not person.is_active:
        raise Http404
    artifact = found.artifact
    if artifact.conversation is None:
        if artifact.owner_id != person.pk:
            raise Http404
        return found
    chat = _conversation(artifact.tenant_id, str(artifact.conversation))
    if chat is None or not may(person, READ, chat):
        raise Http404
    return found


def _conversation(tenant_id: UUID, conversation_id: str) -> Thing | None:
    """The conversation as what rights are asked about: it may be another's than the artifact's maker's."""
    kind = grantable_kinds.named("conversation")
    return kind.find(tenant_id, conversation_id) if kind and kind.find else None
