"""The things of chat that a person may reach, by their id."""

from uuid import UUID

from accounts import people
from accounts.models import User
from chat.errors import NotFound, NotSignedIn
from chat.models import Conversation, Run


def person(person_id: UUID) -> User:
    """The person as they are now. Raises NotSignedIn for one who may not sign in any more."""
    found = people.active(person_id)
    if found is None:
        raise NotSignedIn("You are not signed in any more. Sign in again.")
    return found


def run_of(person_id: UUID, run_id: UUID) -> Run:
    """The person's run. Raises NotFound, for a stranger's too, and NotSignedIn."""
    run = Run.objects.visible_to(person(person_id)).filter(pk=run_id).first()
    if run is None:
        raise NotFound("There is no such answer.")
    return run


def conversation_of(person_id: UUID, conversation_id: UUID) -> Conversation:
    """The person's conversation. Raises NotFound, for a stranger's too, and NotSignedIn."""
    found = Conversation.objects.visible_to(person(person_id)).filter(pk=conversation_id).first()
    if found is None:
        raise NotFound("There is no such conversation.")
    return found


def run_of_answer(person_id: UUID, message_id: UUID) -> Run:
    """The newest run of the person's answer. Raises NotFound, for a stranger's too, and NotSignedIn."""
    run = Run.objects.visible_to(person(person_id)).filter(answer_id=message_id).order_by("-created_at").first()
    if run is None:
        raise NotFound("There is no such answer.")
    return run
