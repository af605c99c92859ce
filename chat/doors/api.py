"""The REST door of chat: conversations, messages, runs, models."""

import asyncio
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from ninja import Router
from ninja.pagination import paginate

from accounts.access import WRITE
from accounts.identity.api_auth import Needs
from accounts.identity.callers import Caller
from accounts.models import User
from accounts.storage import hints
from accounts.storage.connections import in_database
from accounts.storage.cursor import Cursor
from chat import access, catalogue
from chat.access import notices
from chat.catalogue import choices
from chat.deletion import delete
from chat.doors import components, model_facts
from chat.doors.schemas import (
    ConfigOut,
    ContinueIn,
    ConversationIn,
    ConversationOut,
    ConversationPatch,
    DecisionIn,
    MessageOut,
    ModelContextOut,
    ModelOut,
    RunIn,
    RunOut,
    StartedOut,
    UseIn,
)
from chat.doors.streams import events as streams
from chat.doors.streams import notices as notice_stream
from chat.doors.streams.description import NOTICES, stream
from chat.errors import NotFound
from chat.models import Conversation, Message, Run
from chat.runs import asking
from chat.runs.create_run import Started
from chat.runs.question import LONGEST_TEXT, parse_question
from chat.runs.tool_calls import waits
from chat.runs.tool_calls.waits import Verdict
from tools.calls import Decided
from tools.doors.callers import caller_of

router = Router(tags=["chat"], auth=Needs("chat"))


def _person(request: HttpRequest) -> User:
    person: User = request.auth  # type: ignore[attr-defined]  # set by ninja to what the authenticator gave
    return person


def _reads(request: HttpRequest) -> bool:
    """Tell whether the credential may read chats. One that may only write learns nothing of their content."""
    caller: Caller = request.caller  # type: ignore[attr-defined]  # the door has let the caller in
    return caller.has("chat:read")


async def _checked_model(person: User, name: str) -> str:
    config = await in_database(choices.chosen, person, name, await catalogue.models(person.tenant_id))
    return config.name


@router.get("config", response=ConfigOut)
async def config(request: HttpRequest) -> dict[str, Any]:
    """The portal's name, its models and its limits."""
    limits = {"message_characters": LONGEST_TEXT}
    return {"app_name": settings.APP_NAME, "models": await model_facts.listed(_person(request)), "limits": limits}


@router.get("models", response=list[ModelOut])
async def models(request: HttpRequest) -> Any:
    """The models that one may ask, the default first."""
    return await model_facts.listed(_person(request))


@router.get("models/{path:model}/context", response=ModelContextOut)
async def model_context(request: HttpRequest, model: str) -> dict[str, Any]:
    """Everything known about a model that one may use, and the source of each value."""
    return await model_facts.context_of(_person(request), model)


@router.get("conversations", response=list[ConversationOut])
@paginate(Cursor, ordering=("-updated_at", "-id"))
async def conversations(request: HttpRequest) -> QuerySet[Conversation]:
    """One's conversations, the latest used first."""
    return await in_database(Conversation.objects.visible_to, _person(request))


@router.post("conversations", response={201: ConversationOut})
async def create_conversation(request: HttpRequest, payload: ConversationIn) -> tuple[int, Conversation]:
    """Make an empty conversation."""
    person = _person(request)
    model = await _checked_model(person, payload.model) if payload.model else ""
    made = await Conversation.objects.acreate(tenant_id=person.tenant_id, owner=person, title=payload.title, model=model)
    notices.conversation_changed(made)
    return 201, made


@router.get("conversations/{conversation_id}", response=ConversationOut)
async def read_conversation(request: HttpRequest, conversation_id: UUID) -> Conversation:
    """One conversation."""
    return await in_database(access.conversation_of, _person(request).pk, conversation_id)


@router.patch("conversations/{conversation_id}", response={200: ConversationOut, 204: None})
async def change_conversation(
    request: HttpRequest, conversation_id: UUID, payload: ConversationPatch
) -> Conversation | tuple[int, None]:
    """Rename a conversation, or choose its next model. 204 for a token that may not read."""
    conversation = await in_database(access.conversation_of, _person(request).pk, conversation_id, WRITE)
    changes = payload.dict(exclude_none=True)
    if changes.get("model"):
        changes["model"] = await _checked_model(_person(request), changes["model"])
    for name, value in changes.items():
        setattr(conversation, name, value)
    await conversation.asave(update_fields=list(changes))
    notices.conversation_changed(conversation)
    return conversation if _reads(request) else (204, None)


@router.delete("conversations/{conversation_id}", response={204: None})
async def delete_conversation(request: HttpRequest, conversation_id: UUID) -> tuple[int, None]:
    """Delete a conversation for good, with its messages and runs; an answer under way is stopped."""
    await delete.delete(_person(request).pk, conversation_id)
    return 204, None


@router.get("conversations/{conversation_id}/messages", response=list[MessageOut])
@paginate(Cursor, ordering=("created_at", "id"))
async def messages(request: HttpRequest, conversation_id: UUID) -> QuerySet[Message]:
    """All messages of a conversation, the oldest first; `parent_id` tells how they hang together."""
    conversation = await in_database(access.conversation_of, _person(request).pk, conversation_id)
    return conversation.messages.all()


@router.get("conversations/{conversation_id}/runs", response=list[RunOut])
@paginate(Cursor, ordering=("-created_at", "-id"))
async def conversation_runs(request: HttpRequest, conversation_id: UUID) -> QuerySet[Run]:
    """The runs of a conversation, the newest first."""
    conversation = await in_database(access.conversation_of, _person(request).pk, conversation_id)
    return conversation.runs.all()


@router.post("runs", response={201: StartedOut})
async def create_run(request: HttpRequest, payload: RunIn) -> tuple[int, Started]:
    """Ask without a socket; follow the answer by `events`, or read the message when the run has ended."""
    return 201, await asking.start(_person(request), parse_question(payload.dict()))


@router.get("runs/{run_id}", response=RunOut)
async def read_run(request: HttpRequest, run_id: UUID) -> Run:
    """The state of a run."""
    return await in_database(access.run_of, _person(request).pk, run_id)


@router.post("runs/{run_id}/stop", response={200: RunOut, 204: None})
async def stop_run(request: HttpRequest, run_id: UUID) -> Run | tuple[int, None]:
    """Stop a run. The connection to the provider is closed at once; what came stays. 204 for a token that may not read."""
    await asking.stop(_person(request).pk, run_id)
    if not _reads(request):
        return 204, None
    return await in_database(access.run_of, _person(request).pk, run_id)


@router.post("tool-calls/{call_id}/decision", response={204: None})
async def decide_call(request: HttpRequest, call_id: str, payload: DecisionIn) -> tuple[int, None]:
    """Decide about a tool call that waits. Its run goes on when nothing waits any more; 404 for a call that does not wait."""
    verdict = Verdict(**payload.dict())
    try:
        await waits.decide(_person(request).pk, call_id, verdict)
    except NotFound:  # of no answer: a call that the person made by themselves
        decided = Decided(verdict.decision, _person(request).pk, verdict.everywhere, verdict.words)
        await components.decide(await caller_of(request, "rest"), call_id, decided, verdict.arguments)
    return 204, None


@router.post("components/{component_id}", response=dict[str, Any])
async def use_component(request: HttpRequest, component_id: str, payload: UseIn) -> dict[str, Any]:
    """Press a button that a tool showed, or send its form; what came of the call."""
    caller: Caller = request.caller  # type: ignore[attr-defined]  # the door has let the caller in
    return await components.use(caller, "rest", component_id, payload.event, payload.value)


@router.post("runs/{run_id}/continue", response={201: StartedOut})
async def continue_run(request: HttpRequest, run_id: UUID, payload: ContinueIn | None = None) -> tuple[int, Started]:
    """Continue an answer that was stopped, failed or interrupted, or ended without a word, by a new run of the same message."""
    return 201, await asking.proceed(_person(request).pk, run_id, model=payload.model if payload else None)


@router.get("runs/{run_id}/events", openapi_extra=stream("The data is a frame of the socket protocol, as JSON."))
async def run_events(request: HttpRequest, run_id: UUID, *, render: bool = False) -> HttpResponseBase:
    """Every frame of a run as server-sent events, resumable by `Last-Event-ID`; with `render`, the answer's HTML besides."""
    run = await in_database(access.run_of, _person(request).pk, run_id)
    return await streams.response(request, run, streams.drawn_frames if render else streams.frames)


@router.get("notices", openapi_extra=NOTICES)
async def notice_events(request: HttpRequest) -> HttpResponseBase:
    """Hints that something changed which one may see, as server-sent events, for as long as one listens."""
    return notice_stream.response(request)


@router.post("without-socket", response={204: None})
async def without_socket(request: HttpRequest) -> tuple[int, None]:
    """Note, for the operator, that a page's requests pass and its socket does not."""
    if not settings.DISABLE_WEBSOCKET:
        await asyncio.to_thread(hints.leave, hints.NO_UPGRADE, request.get_host())
    return 204, None


@router.get("chat/sse", openapi_extra=stream("The data is a process event, as JSON."))
async def process_events(request: HttpRequest, messageId: UUID) -> HttpResponseBase:  # noqa: N803  seed 004's name
    """The process events of an answer as server-sent events, resumable by `Last-Event-ID`."""
    run = await in_database(access.run_of_answer, _person(request).pk, messageId)
    return await streams.response(request, run, streams.process)
