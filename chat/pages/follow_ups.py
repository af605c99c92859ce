"""Follow-up questions, as a page shows them below the last answer."""

from chat.models import Conversation, Run


def follow_ups(conversation: Conversation) -> list[str]:
    """Return the follow-up questions of the page's last answer; none while another answer is being made."""
    run = Run.objects.filter(conversation=conversation.pk, answer=conversation.leaf_id).order_by("-created_at").first()
    return list(run.follow_ups or []) if run and run.status == Run.Status.COMPLETE else []
