"""The tools. What they do is written to a file, once for each effect: so a second one would be seen."""

import asyncio
import base64
import os
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct

from tools.authoring import tool
from tools.specs import Context, MadeFile, Reply, Risk, Sharing, ToolError

DONE = "tools-done.txt"
DUG = "tools-dug.txt"  # of what may happen twice
DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


class Sum(Struct):
    """A sum."""

    total: int


def _write(words: str, file: str = DONE) -> None:
    with Path(os.environ["DATA_DIR"], file).open("a") as done:
        done.write(f"{words}\n")


@tool(title="Add", category="Tests")
async def add(_: Context, a: int, b: int) -> Sum:
    """Add two integers."""
    return Sum(a + b)


@tool(title="Roll", category="Tests", sharing=Sharing.PERSON)
async def roll(context: Context, sides: int) -> str:
    """Tell the id of the call that made this result."""
    return f"{sides}: {context.call_id}"


@tool(title="Book a room", category="Tests", risk=Risk.WRITE)
async def book(context: Context, room: Annotated[str, Meta(min_length=1, max_length=40)], seconds: float = 0.0) -> str:
    """Book a room."""
    _write(f"{context.call_id} {room}")
    await asyncio.sleep(seconds)
    return f"Booked {room}."


@tool(title="Unlock the door", category="Tests", risk=Risk.CRITICAL)
async def unlock(context: Context, door: str) -> str:
    """Unlock a door."""
    _write(f"{context.call_id} {door}")
    return f"Unlocked {door}."


@tool(title="Wait", category="Tests", timeout=20)
async def wait(context: Context, seconds: float) -> str:
    """Wait, and tell how far it is."""
    for number in range(10):
        context.progress(number / 10, f"Part {number + 1} of 10")
        await asyncio.sleep(seconds / 10)
    return "Waited."


@tool(title="Dig", category="Tests", is_long=True, timeout=600)
async def dig(context: Context, seconds: float) -> str:
    """Dig for as long as asked, in a worker, and tell how far it is. Digging again changes nothing."""
    _write(f"{context.call_id} dug", DUG)
    for number in range(20):
        context.progress(number / 20, f"Metre {number + 1} of 20")
        await asyncio.sleep(seconds / 20)
    return "Dug, at " + context.timezone


@tool(title="Print", category="Tests", risk=Risk.WRITE, is_long=True, timeout=600)
async def print_pages(context: Context, pages: int, seconds: float) -> Sum:
    """Print pages in a worker. Paper that is printed stays printed."""
    _write(f"{context.call_id} printed")
    context.progress(0.1, "Warming up")
    await asyncio.sleep(seconds)
    context.progress(None, "Cooling down")
    return Sum(pages)


@tool(title="List numbers", category="Tests")
async def numbers(_: Context, most: int) -> str:
    """Write the numbers up to this one, each on a line of its own."""
    return "\n".join(f"number {number}" for number in range(1, most + 1))


@tool(title="Fail", category="Tests")
async def fail(_: Context, how: str) -> str:
    """Fail as asked."""
    if how == "clean":
        raise ToolError("The machine is out of paper.")
    raise RuntimeError(f"secret detail of {how}")


@tool(title="Show", category="Tests")
async def show(_: Context) -> Reply:
    """Make a picture and a table."""
    table: dict[str, Any] = {
        "type": "table",
        "columns": [{"name": "City", "type": "text"}, {"name": "People", "type": "number"}],
        "rows": [["Zürich", 443_000], ["Bern", 137_000]],
    }
    buttons = {
        "type": "buttons",
        "buttons": [
            {"id": "more", "label": "Add them", "tool": "add", "arguments": {"a": 443_000, "b": 137_000}},
            {"id": "open", "label": "Open", "tool": "unlock", "arguments": {"door": "front"}},
        ],
    }
    form = {
        "type": "form",
        "submit": "Book",
        "tool": "book",
        "schema": {"type": "object", "properties": {"room": {"type": "string", "title": "Room"}}, "required": ["room"]},
    }
    files = (MadeFile("dot.png", "image/png", DOT), MadeFile("cities.csv", "text/csv", b"City,People\nBern,137000\n"))
    return Reply(text="A table of cities, and a picture.", blocks=(table, buttons, form), files=files)
