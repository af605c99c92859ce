"""The loop from model to tools to model on each provider's wire."""

import pytest

from tests.client import Client, text_of
from tests.tools.following import states, told

pytestmark = [pytest.mark.timeout(180)]


@pytest.mark.parametrize("model", ["Stand-in", "Stand-in Claude"])
async def test_calls_of_one_turn_run_at_once_and_their_results_go_back_in_order(owner: Client, model: str) -> None:
    script = '[[tool="wait&add;add" arguments="{\\"seconds\\":0.5}&&{\\"a\\":2,\\"b\\":3};;{\\"a\\":4,\\"b\\":5}" text=Done.]]'
    async with owner.socket() as socket:
        accepted = await socket.ask(script, model=model)
        frames = await socket.until_end(accepted["run_id"])
    assert (frames[-1]["status"], text_of(frames)) == ("complete", "Done.")
    assert states(frames)[:2] == [("wait", "running"), ("add", "running")], told(frames, "tool_execution")
    assert ("add", "succeeded") in states(frames)
    first, second = told(frames, "tool_selection")
    assert [call["tool"] for call in first["metadata"]["calls"]] == ["wait", "add"]
    assert (first["step"], second["step"]) == (1, 2)
    async with owner.rest() as rest:
        messages = (await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")).json()["results"]
    parts = messages[-1]["parts"]
    assert [part["type"] for part in parts] == [
        "tool_call",
        "tool_call",
        "tool_result",
        "tool_result",
        "tool_call",
        "tool_result",
        "text",
    ]
    results = [part["text"] for part in parts if part["type"] == "tool_result"]
    assert results == ["Waited.", '{"total":5}', '{"total":9}']
