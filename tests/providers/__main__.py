"""`python -m tests.providers --port 9099`: the stand-in as a process of its own."""

import argparse
import asyncio
import signal

from tests.providers.server import serving


async def main() -> None:
    """Serves until it is told to end. Prints one line when it listens."""
    parser = argparse.ArgumentParser(description="Answers like OpenAI, Anthropic, Gemini and Ollama do.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=60.0, help="tokens a second where the question names no rate")
    chosen = parser.parse_args()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serving(port=chosen.port, rate=chosen.rate) as server:
        print(f"listening on {server.url}", flush=True)
        await stopped.wait()


asyncio.run(main())
