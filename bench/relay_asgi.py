"""A: the bare relay that all ratios refer to. uvicorn, one WebSocket handler, aiohttp, orjson; no accounts, no storage."""

import sys
from typing import Any

import aiohttp
import orjson
import uvicorn

session: aiohttp.ClientSession | None = None


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Relays each chat of a socket, one after the other."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        asked = orjson.loads(message["text"])
        if asked["action"] == "chat":
            await _relay(asked, send)


async def _relay(asked: Any, send: Any) -> None:
    global session  # noqa: PLW0603 - it belongs to the running loop
    session = session or aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    await _say(send, {"request_id": asked["request_id"], "seq": 1, "status": "accepted"})
    seq = 1
    body = {"model": "bench", "stream": True, "messages": [{"role": "user", "content": asked["payload"]["text"]}]}
    async with session.post(f"http://127.0.0.1:{sys.argv[2]}/v1/chat/completions", data=orjson.dumps(body)) as response:
        async for line in response.content:
            if not line.startswith(b"data: {"):
                continue
            choices = orjson.loads(line[6:])["choices"]
            if choices and (text := choices[0]["delta"].get("content")):
                seq += 1
                await _say(send, {"run_id": "r", "seq": seq, "status": "chunk", "chunk": {"type": "text", "data": text}})
    await _say(send, {"run_id": "r", "seq": seq + 1, "status": "complete"})


async def _say(send: Any, frame: Any) -> None:
    await send({"type": "websocket.send", "text": orjson.dumps(frame).decode()})


if __name__ == "__main__":
    uvicorn.run(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", loop="uvloop", lifespan="off")
