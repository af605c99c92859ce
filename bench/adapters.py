"""Cost of reading a stream in one process: a bare `litellm.acompletion`, Galaxy's adapter of it, and the direct one."""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import django
import orjson
import uvloop

from bench import wire

STREAMS, RATE = 15, 50.0


async def bare(port: int, text: str) -> AsyncIterator[str]:
    """LiteLLM as its documentation shows it."""
    import litellm  # noqa: PLC0415 - the direct adapter is measured without it in memory

    stream: Any = await litellm.acompletion(
        model="anthropic/bench",
        api_base=f"http://127.0.0.1:{port}",
        api_key="k",
        stream=True,
        messages=[{"role": "user", "content": text}],
    )
    async for chunk in stream:
        yield chunk.choices[0].delta.content or ""


async def ours(port: int, text: str, provider: str) -> AsyncIterator[str]:
    """The adapter that Galaxy's runner would take."""
    from chat.providers.base import ModelConfig, Request, TextDelta, Turn  # noqa: PLC0415 - Django must be set up first
    from chat.providers.routing import provider_for  # noqa: PLC0415

    config = ModelConfig("bench", provider, "bench", f"http://127.0.0.1:{port}/v1", "k")
    async with aclosing(provider_for(config).stream(Request(config, [Turn.said("user", text)]))) as events:
        async for event in events:
            yield event.text if isinstance(event, TextDelta) else ""


def chosen(kind: str, port: int, text: str) -> AsyncIterator[str]:
    """The stream to read."""
    return bare(port, text) if kind == "bare" else ours(port, text, kind)


async def read(kind: str, port: int, tokens: int) -> int:
    """Reads and encodes one answer; how many chunks it had."""
    chunks = 0
    async for text in chosen(kind, port, wire.question(tokens=tokens, rate=RATE)):
        if text:
            orjson.dumps({"seq": chunks, "status": "chunk", "chunk": {"type": "text", "data": text}})
            chunks += 1
    return chunks


async def main(kind: str, port: int, seconds: float) -> None:
    """Reads a few answers at once; prints microseconds of processor time a chunk."""
    await read(kind, port, 3)
    gc.collect()
    gc.freeze()
    began = time.process_time()
    counts = await asyncio.gather(*(read(kind, port, int(RATE * seconds)) for _ in range(STREAMS)))
    print(json.dumps({"us": (time.process_time() - began) * 1e6 / sum(counts), "chunks": sum(counts)}))


if __name__ == "__main__":
    django.setup()
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
