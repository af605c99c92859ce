"""Tokens a second of the local model, asked directly and through Galaxy in turns."""

import asyncio
import json
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import django
import httpx
from websockets.asyncio.client import connect

QUESTION = "Tell me a long story about a ship, a storm and an island. Describe each day."
TOKENS = 300
ROUNDS = 5


class Pace:
    """Number of an answer's tokens, and the times of the first and the last."""

    def __init__(self) -> None:
        self.first = self.last = 0.0
        self.tokens = 0

    def word(self) -> None:
        """Take note of a piece that came."""
        self.last = time.monotonic()
        self.first = self.first or self.last

    @property
    def rate(self) -> float:
        """Tokens a second after the first."""
        return (self.tokens - 1) / (self.last - self.first)


async def directly(url: str, key: str, system: str) -> float:
    """Ask the model's own server the same question."""
    pace = Pace()
    turns = [{"role": "system", "content": system}, {"role": "user", "content": QUESTION}]
    options = {
        "model": "local",
        "max_tokens": TOKENS,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx.AsyncClient(timeout=120) as client,
        client.stream("POST", f"{url}/chat/completions", json={"messages": turns, **options}, headers=headers) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                _take(json.loads(line[6:]), pace)
    return pace.rate


def _take(chunk: dict[str, Any], pace: Pace) -> None:
    if any(choice["delta"].get("content") for choice in chunk["choices"]):
        pace.word()
    pace.tokens = (chunk.get("usage") or {}).get("completion_tokens") or pace.tokens


async def through_galaxy(port: int, cookie: str, name: str) -> float:
    """Ask through Galaxy, as a person's page does."""
    pace = Pace()
    headers = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}
    parameters = {"max_tokens": TOKENS, "temperature": 0}
    question = {"text": QUESTION, "model": name, "parameters": parameters}
    async with connect(f"ws://127.0.0.1:{port}/ws/chat", additional_headers=headers) as socket:
        await socket.send(json.dumps({"action": "chat", "request_id": str(uuid.uuid4()), "payload": question}))
        while (frame := json.loads(await socket.recv()))["status"] != "complete":
            if frame["status"] == "error":
                raise SystemExit(frame["error"]["message"])
            if frame["status"] == "chunk":
                pace.word()
    pace.tokens = frame["usage"]["completion_tokens"]
    return pace.rate


async def main(port: int, cookies: Path) -> None:
    """Ask alternately, so that both run on the machine in the same state."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - Django must be set up first

    from chat.prompts.context import rules  # noqa: PLC0415 - as above
    from galaxy.services.local_model import endpoint  # noqa: PLC0415 - as above

    there = endpoint.read(settings.PLACES.local_model)
    if there is None:
        raise SystemExit("The local model does not run.")
    cookie = json.loads(cookies.read_text())[0]
    await directly(there.url, there.key, rules(""))  # it loads
    direct, ours = [], []
    for _ in range(ROUNDS):
        direct.append(await directly(there.url, there.key, rules("")))
        ours.append(await through_galaxy(port, cookie, there.name))
    print(json.dumps({"direct": statistics.median(direct), "galaxy": statistics.median(ours)}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
