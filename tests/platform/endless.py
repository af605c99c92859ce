"""`python -m tests.platform.endless SERVER`: an application that sends without end, on one of Galaxy's servers.

It prints the port, and answers `/sent` with how much it has sent to its clients so far.
"""

import importlib
import socket
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "platform"))

PIECE = "x" * 65536
sent = 0


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Endless on a socket and on `/stream`."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await send({"type": "websocket.send", "text": PIECE})
            count()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": PIECE.encode(), "more_body": True})
        count()
    await send({"type": "http.response.body", "body": str(sent).encode()})


def count() -> None:
    """Note one more piece."""
    global sent  # noqa: PLW0603  one number of one process
    sent += len(PIECE)


def main(server: str) -> None:
    """Serve until told to end."""
    serving = importlib.import_module(f"galaxy.serving.{server}")
    vars(serving)["application"] = application
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        serving.run(listener, grace=2)


if __name__ == "__main__":
    main(sys.argv[1])
