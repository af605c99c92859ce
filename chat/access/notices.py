"""Notices of chat to open pages: a conversation or one of its runs changed. They never contain titles or texts."""

from accounts import notices
from accounts.access import Thing, audiences
from chat.models import CONVERSATION, Conversation, Run


def conversation_changed(conversation: Conversation) -> None:
    """It was created or renamed."""
    notices.notify(_readers(conversation), "conversations", conversation.pk)


def conversation_deleted(conversation: Conversation) -> None:
    """It is about to be deleted: who its readers were is asked now, while that can be known."""
    readers = [] if conversation.is_transient else list(_readers(conversation)())
    notices.notify(lambda: readers, "conversations", conversation.pk)


def run_changed(run: Run, status: str) -> None:
    """Announce that the run was queued, waits, or ended; not for a program's run, which no page shows."""
    if run.conversation.is_transient:
        return
    data = {"conversation_id": str(run.conversation_id), "status": status}
    notices.notify(_readers(run.conversation), "runs", run.pk, data)
    if status == Run.Status.WAITING:
        approvals_changed(run)


def approvals_changed(run: Run) -> None:
    """A decision is asked for, or was given or left out."""
    notices.notify(_readers(run.conversation), "approvals", run.pk, {"conversation_id": str(run.conversation_id)})


def models_changed() -> None:
    """The list of models is another one."""
    notices.notify(notices.everyone(), "models")


def _readers(conversation: Conversation) -> notices.Audience:
    return audiences.readers(Thing(CONVERSATION, str(conversation.pk), conversation.tenant_id, conversation.owner_id))
