"""Reading what a run with tools told."""

from typing import Any

from tests.client import Socket


async def until_asked(socket: Socket, run_id: str) -> list[dict[str, Any]]:
    """The run's frames up to a question about a call."""
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["status"] != "approval":
        frame = await socket.receive()
        assert frame["status"] not in ("error", "complete"), frame
        if frame.get("run_id") == run_id and "seq" in frame:
            frames.append(frame)
    return frames


def told(frames: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The data of the process events of a kind."""
    return [frame["event"]["data"] for frame in frames if frame["status"] == "event" and frame["event"]["type"] == kind]


def states(frames: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(data["metadata"]["tool"], data["metadata"]["state"]) for data in told(frames, "tool_execution")]
