"""Measures what the executor adds to a tool that does nothing: permission, validation, record, audit. Prints JSON, in ms."""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable

import django

CALLS = 400
WARM = 40


def main() -> None:
    """Runs with the installation's environment."""
    django.setup()
    from accounts.people.directory import find_or_make  # noqa: PLC0415 - Django must be set up first

    print(json.dumps(asyncio.run(_measure(find_or_make("bench-0@localhost")))))


async def _measure(person: object) -> dict[str, float]:
    from tools import calls, registry  # noqa: PLC0415 - as above
    from tools.authoring import made_from  # noqa: PLC0415 - as above
    from tools.specs import Context  # noqa: PLC0415 - as above

    async def nothing(_: Context, text: str) -> str:
        """Give the text back."""
        return text

    tool = made_from(nothing, title="Nothing", category="Bench")
    registry.register(tool)
    caller = calls.Caller(person=person, via="rest")  # type: ignore[arg-type]  # a person by its maker
    given = {"text": "some words"}
    alone = await _times(lambda: tool.run(Context(person=person), given))
    called = await _times(lambda: calls.call(caller, "nothing", given))
    await calls.flush()
    return {"alone": statistics.median(alone), "p50": statistics.median(called) - statistics.median(alone)}


async def _times(work: Callable[[], Awaitable[object]]) -> list[float]:
    found = []
    for number in range(CALLS + WARM):
        began = time.perf_counter()
        await work()
        if number >= WARM:
            found.append((time.perf_counter() - began) * 1000)
    return found


if __name__ == "__main__":
    main()
