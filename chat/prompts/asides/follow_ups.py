"""Follow-up questions, offered below a conversation's last answer."""

from typing import NamedTuple

from django.conf import settings

from accounts.storage.connections import in_database
from chat.access import notices
from chat.models import Message, ModelCall, Run
from chat.prompts.asides import words
from chat.prompts.asides.asking import Aside, said
from chat.prompts.asides.choosing import model_for

READ_OF_QUESTION, READ_OF_ANSWER = 1_000, 4_000
RULE = (
    "The user gives you a question and its answer. Write the three questions that they are most likely to ask next: short, "
    "in their own words and language, one on each line, nothing else. Do not answer them."
)


class _Turn(NamedTuple):
    """A question and its answer."""

    question: str
    answer: str

    @property
    def material(self) -> str:
        """Return the text that a model reads: the end of a long answer, as people go on from there."""
        return f"Question:\n{self.question[:READ_OF_QUESTION]}\n\nAnswer:\n{self.answer[-READ_OF_ANSWER:]}"


async def write(run: Run) -> None:
    """Write follow-up questions for this answer."""
    model = await model_for(settings.ENVIRONMENT.follow_up_model, run.answerer, run.conversation.tenant_id)
    if model is None or (turn := await in_database(_turn_of, run)) is None:
        return
    most = 2 * words.MOST_QUESTIONS * words.LONGEST_QUESTION
    found = words.questions(await said(Aside(run, ModelCall.Purpose.FOLLOW_UPS, model, RULE, turn.material, most)))
    if found:
        await in_database(_keep, run, found)


def _turn_of(run: Run) -> _Turn | None:
    answer = Message.objects.select_related("parent").filter(pk=run.answer_id).first()
    return _Turn(answer.parent.text, answer.text) if answer and answer.parent and answer.text else None


def _keep(run: Run, found: list[str]) -> None:
    if Run.objects.filter(pk=run.pk).update(follow_ups=found):
        notices.run_changed(run, run.Status.COMPLETE)
