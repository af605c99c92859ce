"""A conversation as its page shows it: the branch that ends in its leaf, each answer with how it was made."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from chat import events
from chat.delivery.drawing import html, of_frames, of_parts
from chat.delivery.drawing.pieces import Piece, Pieces
from chat.log import rows
from chat.markdown import seen
from chat.models import Conversation, Message, Run

LENGTH_REACHED = "The answer ends here: the model reached its limit on length."
JUST_NOW = timedelta(minutes=1)  # longer than it takes to read a thread, on clocks that are not quite the same
FILTERED = "The provider's filter ended this answer."
REFUSED = "The model declined to answer."


@dataclass
class Turn:
    """A message with the runs that made it, oldest first; a question has none."""

    message: Message
    sent_at: datetime
    runs: list[Run] = field(default_factory=list)
    html: str = ""
    coming: str = ""  # what the active run has made so far
    asker: User | None = None  # whose question it is; None for the conversation's owner

    @property
    def is_question(self) -> bool:
        """True if a person said it."""
        return self.message.role == Message.Role.USER

    @property
    def run(self) -> Run | None:
        """The run that had the last word."""
        return self.runs[-1] if self.runs else None

    @property
    def is_blank(self) -> bool:
        """True if there is nothing of it to see."""
        return seen.is_blank(self.message.text)

    @property
    def models(self) -> str:
        """Authors of the answer: the model that began it, and those that continued it."""
        names = [run.model for run in self.runs]
        begun = names.index(self.message.model) if self.message.model in names else len(names)
        authors = [_author(run) for run in self.runs[begun:]] or [self.message.model]
        return ", then ".join(dict.fromkeys(authors))

    @property
    def state(self) -> str:
        """State of the answer: a status of `Run`."""
        return self.run.status if self.run else Run.Status.COMPLETE

    @property
    def is_active(self) -> bool:
        """True if more is to come."""
        return self.run is not None and self.run.is_open

    @property
    def failure(self) -> str:
        """Reason why it failed or was interrupted, in the words of the run."""
        error = self.run.error if self.run else None
        return str(error.get("message", "")) if error else ""

    @property
    def is_of_model(self) -> bool:
        """True if the answer failed because of its model, so that another one could do better."""
        error = self.run.error if self.run else None
        return bool(error and str(error.get("code", "")).startswith("model_"))

    @property
    def note(self) -> str:
        """Remark for the reader on how it ended."""
        reason = self.run.finish_reason if self.run else ""
        return {"length": LENGTH_REACHED, "content_filter": FILTERED, "refusal": REFUSED}.get(reason, "")

    @property
    def passed_over(self) -> list[str]:
        """Sentences on the members of an alias that were passed over."""
        told = [(one, run) for run in self.runs for one in run.passed_over or ()]
        return [f"{one['model']} was passed over: {one['reason']} {run.answered_by} was asked instead." for one, run in told]

    @property
    def seconds(self) -> float | None:
        """Seconds that it took, all runs together; None while one is active."""
        spans = [run.ended_at - (run.started_at or run.created_at) for run in self.runs if run.ended_at]
        return sum(span.total_seconds() for span in spans) if spans and not self.is_active else None

    @property
    def tokens(self) -> int:
        """The tokens of the answer; of a part that was cut before it was counted, an estimate by its length."""
        counts = [int((run.usage or {}).get("completion_tokens") or 0) for run in self.runs]
        return sum(counts) if all(counts) else 0

    @property
    def cost(self) -> float | None:
        """Cost in US dollars, where that is known of every part."""
        costs = [(run.usage or {}).get("cost") for run in self.runs]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if known and len(known) == len(costs) else None


def _author(run: Run) -> str:
    return f"{run.answered_by} for {run.model}" if run.answered_by else run.model


def turns(conversation: Conversation, zone: tzinfo, *, after: UUID | None = None) -> list[Turn]:
    """The conversation's turns, oldest first; with `after`, only those that follow that message."""
    branch = list(branch_of(conversation))
    ids = [message.pk for message in branch]
    if after in ids:
        branch = branch[ids.index(after) + 1 :]
    return _dressed(branch, conversation, zone)


def turn(conversation: Conversation, message_id: UUID, zone: tzinfo) -> Turn | None:
    """One turn, by its message."""
    return next(iter(_dressed(list(conversation.messages.filter(pk=message_id)), conversation, zone)), None)


def branch_of(conversation: Conversation) -> Iterator[Message]:
    """The messages from the first one to the conversation's leaf."""
    messages = {message.pk: message for message in conversation.messages.all()}
    path = []
    step = messages.get(conversation.leaf_id) if conversation.leaf_id else None
    while step is not None:
        path.append(step)
        step = messages.get(step.parent_id) if step.parent_id else None
    return reversed(path)


def _dressed(messages: list[Message], conversation: Conversation, zone: tzinfo) -> list[Turn]:
    runs = defaultdict(list)
    for run in conversation.runs.filter(answer__in=messages).order_by("created_at", "pk"):
        runs[run.answer_id].append(run)
    _read_again(conversation, [message for message in messages if _has_just_ended(runs[message.pk])])
    found = [Turn(message, message.created_at.astimezone(zone), runs[message.pk]) for message in messages]
    askers = _askers(messages, conversation)
    for one in found:
        one.asker = askers.get(one.message.pk)
    _draw([one for one in found if not one.is_question])
    return found


def _draw(answers: list[Turn]) -> None:
    """The HTML of what is stored of each answer, and of what its active run has made so far."""
    stored = html.draw_all([of_parts.pieces_of(one.message.parts) for one in answers])
    for one, drawn in zip(answers, stored, strict=True):
        one.html = drawn
        if one.run and one.is_active:
            one.coming = html.draw_all([made_by(one.run)])[0]


def made_by(run: Run) -> list[Piece]:
    """The pieces that a run has made so far."""
    pieces = Pieces()
    for line in rows.lines_after(run.pk, 0, most=None):
        of_frames.take(pieces, events.decode(line.frame))
    return pieces.all


def _has_just_ended(runs: list[Run]) -> bool:
    ended = runs[-1].ended_at if runs else None
    return ended is not None and ended > timezone.now() - JUST_NOW


def _read_again(conversation: Conversation, answers: list[Message]) -> None:
    """The words of answers that may have ended after they were read and before their runs were: both change at once."""
    kept = conversation.messages.only("parts", "text", "model")
    words = kept.in_bulk([answer.pk for answer in answers]) if answers else {}
    for answer in answers:
        if now := words.get(answer.pk):
            answer.parts, answer.text, answer.model = now.parts, now.text, now.model


def _askers(messages: list[Message], conversation: Conversation) -> dict[UUID, User]:
    """Map each question not asked by the conversation's owner to its asker: the person whose run answered it first."""
    others = conversation.runs.filter(answer__parent__in=messages).exclude(person=conversation.owner_id)
    newest_first = others.select_related("answer", "person").order_by("-created_at")
    return {run.answer.parent_id: run.person for run in newest_first if run.answer.parent_id}
