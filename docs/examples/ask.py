"""Ask Galaxy a question: `GALAXY_TOKEN=<an access token> python ask.py http://127.0.0.1:8000 "Hello"`.

Needs only the package `websockets`. It survives a lost connection: the answer goes on in Galaxy, and `resume` fetches the rest.
"""

import asyncio
import json
import os
import sys
import uuid
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def ask(address: str, token: str, text: str) -> str:
    """Print the answer as it comes; gives it whole. Raises RuntimeError with Galaxy's own words when there is none."""
    headers = {"Authorization": f"Bearer {token}"}
    request_id, run_id, seen, said = str(uuid.uuid4()), "", 0, ""
    async for socket in connect(address.replace("http", "ws", 1) + "/ws/chat", additional_headers=headers):
        first: dict[str, Any] = {"action": "chat", "request_id": request_id, "payload": {"text": text}}
        if run_id:
            first = {"action": "resume", "request_id": request_id, "payload": {"run_id": run_id, "after": seen}}
        try:
            await socket.send(json.dumps(first))
            async for message in socket:
                frame = json.loads(message)
                run_id, seen = frame.get("run_id") or run_id, frame.get("seq", seen)
                if frame["status"] == "chunk" and frame["chunk"]["type"] == "text":
                    said += frame["chunk"]["data"]
                    print(frame["chunk"]["data"], end="", flush=True)  # noqa: T201
                elif frame["status"] == "error":
                    raise RuntimeError(frame["error"]["message"])
                elif frame["status"] == "complete":
                    return said
        except ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code == 4401:  # noqa: PLR2004
                raise RuntimeError("Galaxy does not know this token, or not any more.") from closed
    return said


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], os.environ["GALAXY_TOKEN"], sys.argv[2]))
