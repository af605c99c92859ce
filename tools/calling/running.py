"""Running a tool's function: time limit, cancellation, tries, and errors in words that anyone may read."""

import asyncio
import logging

import msgspec

from tools.calling.validation import complaints_about_result
from tools.specs import Context, Reply, Tool, ToolError, Unavailable

TRIES = 3  # of an idempotent tool that is not available at the moment
WAIT = 0.3  # seconds before the second try; each further wait is twice as long

logger = logging.getLogger(__name__)


class Failed(Exception):
    """The tool ran and gave no result. The message is for models and people, `kind` for statistics."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


async def run(tool: Tool, context: Context, arguments: dict[str, object], *, seconds: float) -> Reply:
    """Run the tool once, or up to three times where that changes nothing. Raises Failed."""
    for left in range(TRIES if tool.spec.is_idempotent else 1, 0, -1):
        try:
            return await _once(tool, context, arguments, seconds)
        except Unavailable as error:
            if left == 1:
                raise Failed("unavailable", str(error)) from error
            await asyncio.sleep(WAIT * 2 ** (TRIES - left))
    raise AssertionError("The loop returns or raises.")


async def _once(tool: Tool, context: Context, arguments: dict[str, object], seconds: float) -> Reply:
    name = tool.spec.name
    try:
        async with asyncio.timeout(seconds) as limit:
            reply = await tool.run(context, arguments)
    except Unavailable:
        raise
    except ToolError as error:
        raise Failed("tool_error", str(error)) from error
    except TimeoutError as error:
        if not limit.expired():
            logger.exception("The tool %s failed (call %s).", name, context.call_id)
            raise Failed("timeout", f"{name} waited too long for something it needs.") from error
        raise Failed("timeout", _too_slow(tool, seconds)) from error
    except msgspec.ValidationError as error:
        raise Failed("bad_arguments", f"The arguments do not fit {name}: {error}.") from error
    except Exception as error:  # the edge of foreign code: whatever it raises is an error of this call alone
        logger.exception("The tool %s failed (call %s).", name, context.call_id)
        raise Failed(
            "internal", f"{name} failed because of a defect. The operator's log says why, under call {context.call_id}."
        ) from error
    _check(tool, reply)
    return reply


def _check(tool: Tool, reply: Reply) -> None:
    if found := complaints_about_result(tool, reply.data):
        logger.error("The result of %s does not fit its schema: %s", tool.spec.name, "; ".join(found))
        raise Failed("bad_result", f"{tool.spec.name} gave a result that does not fit its own description.")


def _too_slow(tool: Tool, seconds: float) -> str:
    happened = "" if tool.spec.is_idempotent else " It is not known whether it did something; check before trying again."
    return f"{tool.spec.name} took longer than {seconds:g} s and was ended.{happened}"
