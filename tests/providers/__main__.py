"""`python -m tests.providers --port 9099`: the stand-in as a process of its own."""

import argparse
import asyncio
import signal
import sys

from tests.providers.server import serving


async def main() -> None:
    """Serves until it is told to end. Prints one line when it listens."""
    parser = argparse.ArgumentParser(description="Answers like OpenAI, Anthropic, Gemini and Ollama do.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=60.0, help="tokens a second where the question names no rate")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    chosen = parser.parse_args()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if chosen.with_parent:
        asyncio.get_running_loop().add_reader(sys.stdin, stopped.set)  # its end of the pipe closes when the parent is gone
    async with serving(port=chosen.port, rate=chosen.rate) as server:
        print(f"listening on {server.url}", flush=True)
        await stopped.wait()


asyncio.run(main())
