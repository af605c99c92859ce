"""The things of chat that a person may reach, by their id."""

from collections.abc import Container
from typing import NamedTuple
from uuid import UUID

import msgspec

from accounts import audit
from accounts.access import OWN, READ, USE, WRITE, OwnedQuerySet, Row, Thing, may, may_each
from accounts.models import User
from accounts.people import directory
from chat.errors import NotAllowed, NotFound, NotSignedIn
from chat.models import CONVERSATION, Conversation, Run
from chat.providers.base import ModelConfig
from chat.providers.setup_help import UNSET

MODEL = "model"


class Rights(NamedTuple):
    """Rights of a person to a conversation that they may read."""

    write: bool
    own: bool


def person(person_id: UUID) -> User:
    """The person as they are now. Raises NotSignedIn for one who may not sign in any more."""
    found = directory.active(person_id)
    if found is None:
        raise NotSignedIn("You are no longer signed in. Sign in again.")
    return found


def check_model(who: User, name: str) -> None:
    """Raises NotAllowed for a model that the person may not use."""
    if not may_use(who, name):
        audit.record("access.refused", MODEL, name, outcome="refused", wanted=USE)
        raise NotAllowed(f"You may not use {name}. Choose another model, or ask the person who runs Galaxy.")


def may_use(who: User, name: str) -> bool:
    """Tell whether the person may use the model of this name."""
    return name == UNSET.name or bool(may(who, USE, model_thing(who.tenant_id, name)))


def usable(who: User, models: list[ModelConfig]) -> list[ModelConfig]:
    """Return the models that the person may use; an alias keeps only the members that they may use."""
    names = list(dict.fromkeys(one.name for model in models for one in (model, *model.members)))
    decisions = may_each(who, USE, [model_thing(who.tenant_id, name) for name in names])
    allowed = {name for name, decision in zip(names, decisions, strict=True) if decision}
    permitted = [model for model in models if model.name in allowed]
    return [narrow for model in permitted if (narrow := _with_members(model, allowed)).is_alias == model.is_alias]


def narrowed(who: User, model: ModelConfig) -> ModelConfig:
    """Return the model; an alias keeps only the members that the person may use. Raises NotAllowed if none is left."""
    if not model.is_alias:
        return model
    found = usable(who, [model])
    if not found:
        raise NotAllowed(f"You may not use any of the models behind {model.name}. Choose another model.")
    return found[0]


def _with_members(model: ModelConfig, allowed: Container[str]) -> ModelConfig:
    members = tuple(member for member in model.members if member.name in allowed)
    return msgspec.structs.replace(model, members=members)


def model_thing(tenant_id: UUID, name: str) -> Thing:
    """A model as grants know it: each tenant has its own rights to it."""
    return Thing(MODEL, name, tenant_id)


def run_of(person_id: UUID, run_id: UUID, action: str = READ) -> Run:
    """Return the run to a person who may do this with its conversation. Raises NotFound, NotAllowed and NotSignedIn."""
    return found(Run.objects.filter(pk=run_id), person(person_id), action)


def visible_runs(person_id: UUID, run_ids: list[UUID]) -> set[UUID]:
    """Those of the runs that the person may read. Raises NotSignedIn."""
    who = person(person_id)
    return set(Run.objects.visible_to(who).filter(pk__in=run_ids).values_list("pk", flat=True)) if run_ids else set()


def is_revoked(run_id: UUID) -> bool:
    """Tell whether the run's person may no longer go on with it: suspended, or without the conversation or the model."""
    run = Run.objects.filter(pk=run_id).select_related("person", "conversation").first()
    return run is not None and not _may_go_on(run)


def _may_go_on(run: Run) -> bool:
    is_kept = run.conversation.deleted_at is None
    models = {run.model, run.answerer}
    is_writer = is_kept and bool(may(run.person, WRITE, _thing(run.conversation)))
    return is_writer and all(may_use(run.person, name) for name in models)


def _thing(talk: Conversation) -> Thing:
    return Thing(CONVERSATION, str(talk.pk), talk.tenant_id, talk.owner_id)


def rights(who: User, conversation: Conversation) -> Rights:
    """Return the person's rights to the conversation, for a page that offers no more than those."""
    thing = _thing(conversation)
    return Rights(bool(may(who, WRITE, thing)), bool(may(who, OWN, thing)))


def conversation_of(person_id: UUID, conversation_id: UUID, action: str = READ) -> Conversation:
    """Return the conversation to a person who may do this with it. Raises NotFound, NotAllowed and NotSignedIn."""
    return found(Conversation.objects.filter(pk=conversation_id), person(person_id), action)


def run_of_answer(person_id: UUID, message_id: UUID) -> Run:
    """The newest run of the person's answer. Raises NotFound, for a stranger's too, NotAllowed, NotSignedIn."""
    return found(Run.objects.filter(answer_id=message_id).order_by("-created_at"), person(person_id), READ)


def found(rows: OwnedQuerySet[Row], who: User, action: str) -> Row:
    """The first of the rows with which the person may do this.

    Raises NotAllowed for who may read it but not do this, NotFound for a stranger.
    """
    row = rows.visible_to(who, action).first()
    if row is None and action != READ and rows.visible_to(who).exists():
        audit.record("access.refused", rows.kind, "", outcome="refused", wanted=action)
        raise NotAllowed("You may read this, but not change it.")
    if row is None:
        raise NotFound(f"There is no such {'answer' if rows.model is Run else 'conversation'}.")
    return row
