"""Beginning of a run: the question, its answer-to-be, the run and its first event, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import WRITE
from accounts.models import User
from chat import access, events
from chat.access import notices
from chat.errors import BadRequest, Busy, Locked, NotFound
from chat.log import rows
from chat.markdown import seen
from chat.models import Conversation, GivenRequest, Message, Run
from chat.parts import Text
from chat.prompts.asides import words
from chat.providers.given import encode
from chat.providers.known.prices import Rates
from chat.runs import concurrency
from chat.runs.question import Completion, Question
from tools.access import tools_for


class Terms(NamedTuple):
    """Facts of a run fixed before it is stored: its id, its moment, and whose budget pays for it."""

    run_id: UUID
    at: datetime
    provider: str
    token_id: UUID | None
    prompt_estimate: int
    rates: Rates | None

    def of_run(self) -> dict[str, Any]:
        """The same as the run's fields."""
        return {
            "id": self.run_id,
            "created_at": self.at,
            "provider": self.provider,
            "token": self.token_id,
            "prompt_estimate": self.prompt_estimate,
            "prompt_rate": self.rates and self.rates.prompt,
            "answer_rate": self.rates and self.rates.answer,
            "cached_rate": self.rates and self.rates.cached,
        }


class Started(NamedTuple):
    """A run that is stored. `accepted` is its first event as a line of the log."""

    run_id: UUID
    conversation_id: UUID
    message_id: UUID
    model: str
    accepted: bytes
    repeated: bool = False


def begin(who: User, question: Question, model: str, terms: Terms) -> Started:
    """Store a question of a person who was just found to be allowed the model of this name. Raises ChatError."""
    try:
        with transaction.atomic():
            return _queue(_run(who, question, model, terms))
    except IntegrityError as error:  # it came before: looked up only now, for hardly one in a thousand has
        if before := repeated(who, question.request_key):
            return before
        if Run.objects.filter(person=who, request_key=question.request_key).exists():
            raise NotFound("This question was asked before, in a chat that no longer exists.") from error
        raise


def _run(who: User, question: Question, model: str, terms: Terms) -> Run:
    """The run of a new question, with the conversation as the question leaves it."""
    concurrency.check(who)
    conversation = _conversation(who, question)
    asked = Message(
        conversation=conversation, parent_id=conversation.leaf_id, role=Message.Role.USER, parts=[Text(question.text)]
    )
    answer = Message(conversation=conversation, parent=asked, role=Message.Role.ASSISTANT, model=model)
    conversation.leaf, conversation.model, conversation.updated_at = answer, model, timezone.now()
    conversation.save(update_fields=["leaf", "model", "updated_at"] if question.conversation_id else None)
    if question.conversation_id is None:
        notices.conversation_changed(conversation)
    Message.objects.bulk_create([asked, answer])
    return Run(
        conversation=conversation,
        answer=answer,
        person=who,
        request_key=question.request_key,
        model=model,
        parameters=question.parameters.given(),
        **terms.of_run(),
    )


def begin_given(who: User, asked: Completion, model: str, terms: Terms) -> Started:
    """Store a program's request for a person whose right to this model was just checked. Raises ChatError."""
    with transaction.atomic():
        concurrency.check(who)
        talk = Conversation(tenant_id=who.tenant_id, owner=who, model=model, is_transient=True)
        names = asked.galaxy_tools
        talk.tools = _chosen(who, names) if names else None if names is None else []
        talk.save(force_insert=True)
        answer = Message.objects.create(conversation=talk, role=Message.Role.ASSISTANT, model=model)
        fields = {"parameters": asked.parameters.given(), **terms.of_run()}
        run = Run(conversation=talk, answer=answer, person=who, model=model, **fields)
        started = _queue(run)
        GivenRequest.objects.create(run=run, content=encode(asked.given))
    return started


def proceed(person_id: UUID, run_id: UUID, model: str, terms: Terms) -> Started:
    """Queue the rest of an answer that did not come to its end, by a model that was just found allowed. Raises ChatError.

    One that ended without a word is asked for anew; the conversation goes on with this model.
    """
    who = access.person(person_id)
    with transaction.atomic():
        run = access.run_of(person_id, run_id, WRITE)
        conversation = Conversation.objects.select_for_update().get(pk=run.conversation_id)
        concurrency.check(who)
        _refuse_busy(conversation)
        newest = Run.objects.filter(answer_id=run.answer_id).latest("created_at")
        is_blank = seen.is_blank(run.answer.text)
        if newest.status == Run.Status.COMPLETE and not is_blank:
            raise BadRequest("This answer is complete; there is nothing to continue.")
        Conversation.objects.filter(pk=conversation.pk).update(model=model)
        if is_blank:
            Message.objects.filter(pk=run.answer_id).update(model=model)
        return _queue(
            Run(
                conversation=run.conversation,
                answer=run.answer,
                person=who,
                continues=newest,
                model=model,
                parameters=run.parameters,
                **terms.of_run(),
            )
        )


def _conversation(who: User, question: Question) -> Conversation:
    if question.conversation_id is None:
        return Conversation(
            tenant_id=who.tenant_id, owner=who, title=words.first_words(question.text), tools=_chosen_by(who, question)
        )
    conversation = access.found(Conversation.objects.select_for_update().filter(pk=question.conversation_id), who, WRITE)
    _refuse_busy(conversation)
    if question.tools is not None:
        _lock(conversation, _chosen_by(who, question))
    return conversation


def _chosen_by(who: User, question: Question) -> list[str] | None:
    """Return the names that the question chose; None stands for all tools. Raises BadRequest."""
    return None if question.tools is None else _chosen(who, question.tools)


def _chosen(who: User, names: Sequence[str]) -> list[str] | None:
    """Return the names, or None if they are all of the person's tools. Raises BadRequest for one that is not theirs."""
    theirs = {tool.spec.name for tool in tools_for(who)}
    if unknown := next((name for name in names if name not in theirs), None):
        raise BadRequest(f"There is no tool called {unknown!r}.")
    return None if theirs == set(names) else sorted(names)


def _lock(conversation: Conversation, chosen: list[str] | None) -> None:
    """Choose the tools of a conversation without a message yet. Raises Locked where others were chosen."""
    if conversation.leaf_id is None:
        Conversation.objects.filter(pk=conversation.pk).update(tools=chosen)
        conversation.tools = chosen
    elif chosen != conversation.tools:
        raise Locked("The tools of this chat were chosen with its first message. Start another chat to use others.")


def _refuse_busy(conversation: Conversation) -> None:
    states = set(conversation.runs.filter(status__in=Run.OPEN).values_list("status", flat=True))
    if Run.Status.WAITING in states:
        raise Busy("The last answer is waiting for your decision. Decide, or stop it, and ask again.")
    if states:
        raise Busy("This conversation has an answer running. Wait for it, or stop it.")


def _queue(run: Run) -> Started:
    accepted = events.encode(events.Accepted(1, str(run.conversation_id), str(run.answer_id), run.model))
    run.save(force_insert=True)
    rows.begin(run.pk, accepted)
    notices.run_changed(run, run.status)
    return Started(run.pk, run.conversation_id, run.answer_id, run.model, accepted)


def repeated(who: User, request_key: str | None) -> Started | None:
    """The run that this question of theirs made before."""
    if request_key is None:
        return None
    run = Run.objects.visible_to(who).filter(request_key=request_key, person=who).first()
    if run is None:
        return None
    accepted = events.encode(events.Accepted(1, str(run.conversation_id), str(run.answer_id), run.model))
    return Started(run.pk, run.conversation_id, run.answer_id, run.model, accepted, repeated=True)
