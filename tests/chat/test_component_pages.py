"""Pages that tools show inside an answer: served with no power, to readers of the conversation alone."""

import httpx

from accounts.models import User
from accounts.storage.connections import in_database
from chat.models import Conversation, Message
from chat.parts import AnyPart, UIBlock
from tests.client import Client

BLOCKS: list[AnyPart] = [UIBlock("a/b", {"type": "html", "html": "<b>x</b>"}), UIBlock("t", {"type": "text", "markdown": "x"})]


def shown(person: User) -> str:
    chat = Conversation.objects.create(owner=person, tenant_id=person.tenant_id, title="Shown")
    answer = Message.objects.create(conversation=chat, role="assistant", parts=BLOCKS)
    return f"/c/{chat.pk}/messages/{answer.pk}/components"


async def get(client: Client, path: str) -> httpx.Response:
    async with client.rest() as rest:
        return await rest.get(path)


async def test_a_page_that_a_tool_shows_has_no_power_and_strangers_find_none(
    alice_client: Client, charlie_client: Client, alice: User
) -> None:
    below = await in_database(shown, alice)
    page = await get(alice_client, f"{below}/a%2Fb")
    assert (page.status_code, page.text) == (200, "<b>x</b>")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none';")
    assert "same-origin" not in policy
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert (await get(charlie_client, f"{below}/a%2Fb")).status_code == httpx.codes.NOT_FOUND
    for absent in ("t", "other"):
        assert (await get(alice_client, f"{below}/{absent}")).status_code == httpx.codes.NOT_FOUND
