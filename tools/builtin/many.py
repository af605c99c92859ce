"""Tools about tools: finding one, and calling several at once."""

import asyncio
from typing import Annotated, Any

from msgspec import Meta, Struct

from accounts.storage.connections import in_database
from tools import access, calls
from tools.authoring import tool
from tools.calling import meaning, search
from tools.calls import Caller
from tools.errors import CallRefused, NeedsApproval
from tools.specs import Annotations, Context, Example

MOST_FOUND = 8
MOST_CALLS = 20
AT_ONCE = 4
BATCH = "batch_execute"
TAKES_LONG = "This tool takes longer than a batch may. Call it by itself."
NOT_CHOSEN = "This chat was begun without this tool. Nothing has run."
ASK_ALONE = "A person must decide about this call. Call the tool by itself."


class Found(Struct):
    """A tool as a model needs it to call it."""

    name: str
    description: str
    input_schema: dict[str, Any]


class FoundTools(Struct):
    """The tools that fit, the best first."""

    tools: list[Found]


@tool(title="Find tools", category="Tools", examples=(Example("Which tools can work with dates?", {"query": "dates"}),))
async def search_tools(
    context: Context, query: Annotated[str, Meta(description="What it should do, in a few words", min_length=2, max_length=200)]
) -> FoundTools:
    """Find further tools by what they do. A tool that is found can be called by its name, with fitting arguments."""
    theirs = [one.spec for one in await in_database(access.tools_for, context.person) if _is_chosen(context, one.spec.name)]
    found = search.matching(theirs, query, MOST_FOUND, await meaning.nearness(theirs, query))
    return FoundTools([Found(spec.name, spec.description, spec.input_schema) for spec in found])


class Call(Struct):
    """One of several calls."""

    tool: str
    arguments: dict[str, Any] = {}


class Came(Struct):
    """Result of one of several calls."""

    tool: str
    outcome: str
    text: str


class AllCame(Struct):
    """The results, in the order of the calls."""

    results: list[Came]


@tool(title="Several calls", category="Tools", annotations=Annotations(destructive_hint=False), timeout=120)
async def batch_execute(context: Context, wanted: Annotated[list[Call], Meta(min_length=1, max_length=MOST_CALLS)]) -> AllCame:
    """Call several tools at once and get all results, in order. Calls that a person must decide about are not made here."""
    places, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(call: Call) -> Came:
        nonlocal done
        async with places:
            came = await _call(context, call)
        done += 1
        context.progress(done / len(wanted), f"{done} of {len(wanted)} calls are done")
        return came

    return AllCame(list(await asyncio.gather(*map(one, wanted))))


async def _call(context: Context, call: Call) -> Came:
    if call.tool == BATCH:
        return Came(call.tool, "failed", "A batch cannot hold another one.")
    if not _is_chosen(context, call.tool):
        return Came(call.tool, "failed", NOT_CHOSEN)
    theirs = await in_database(access.tools_for, context.person)
    if any(one.spec.is_long for one in theirs if one.spec.name == call.tool):
        return Came(call.tool, "failed", TAKES_LONG)
    caller = Caller(
        person=context.person,
        via="tool",
        token_id=context.token_id,
        conversation_id=context.conversation_id,
        timezone=context.timezone,
    )
    try:
        result = await calls.call(caller, call.tool, call.arguments)
    except NeedsApproval:
        return Came(call.tool, "failed", ASK_ALONE)
    except CallRefused as error:
        return Came(call.tool, "failed", str(error))
    return Came(call.tool, result.outcome, result.kept.text)


def _is_chosen(context: Context, name: str) -> bool:
    """Tell whether the chat has the tool: who chose some for it wants no others called, also not within one of them."""
    return context.chosen is None or name in context.chosen
