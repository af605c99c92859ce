"""Titles of conversations, written by a model after the first answer. One that a person gave is never changed."""

from typing import NamedTuple

from django.conf import settings

from accounts.storage.connections import in_database
from chat.access import notices
from chat.models import Conversation, Message, ModelCall, Run
from chat.prompts.asides import words
from chat.prompts.asides.asking import Aside, said
from chat.prompts.asides.choosing import model_for

SHORT = 24  # characters; a shorter question is its own title
READ_OF_QUESTION, READ_OF_ANSWER = 2_000, 1_000
RULE = (
    "Write a title for the conversation that the user gives you: three to six words, in the language of its question, "
    "without quotation marks and without a full stop. Write the title alone. Do not answer the question."
)


class _Chat(NamedTuple):
    """A conversation with its first answer, whose title is still its first words."""

    title: str
    question: str
    answer: str

    @property
    def material(self) -> str:
        """Return the text that a model reads."""
        return f"Question:\n{self.question[:READ_OF_QUESTION]}\n\nAnswer:\n{self.answer[:READ_OF_ANSWER]}"


async def write(run: Run) -> None:
    """Give the conversation a title, if this was its first answer."""
    if (found := await in_database(_chat_of, run)) is None:
        return
    model = await model_for(settings.ENVIRONMENT.title_model, run.answerer, run.conversation.tenant_id)
    if model is None:
        return
    aside = Aside(run, ModelCall.Purpose.TITLE, model, RULE, found.material, most=4 * words.LONGEST_TITLE)
    if title := words.title(await said(aside)):
        await in_database(_rename, run, found.title, title)


def _chat_of(run: Run) -> _Chat | None:
    if Run.objects.filter(conversation=run.conversation_id, status=Run.Status.COMPLETE).exclude(pk=run.pk).exists():
        return None
    chat = Conversation.objects.kept().filter(pk=run.conversation_id).first()
    asked = Message.objects.filter(conversation=run.conversation_id, role=Message.Role.USER).order_by("created_at").first()
    answer = Message.objects.filter(pk=run.answer_id).first()
    if not (chat and asked and answer) or chat.title != words.first_words(asked.text) or len(asked.text) <= SHORT:
        return None
    return _Chat(chat.title, asked.text, answer.text)


def _rename(run: Run, before: str, title: str) -> None:
    """Rename it, unless a person has done so meanwhile."""
    if Conversation.objects.filter(pk=run.conversation_id, title=before).update(title=title):
        notices.conversation_changed(Conversation.objects.get(pk=run.conversation_id))
