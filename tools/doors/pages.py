"""The pages of tools: the list, and one tool with its form, its calls and what one has allowed for good."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.identity.callers import Caller
from accounts.models import User
from accounts.sign_in.portal_frame import framed, part_of_page, wants_fragment
from accounts.storage.connections import in_database
from tools import access, calls
from tools.calls import Decided, Result
from tools.doors.callers import caller_of
from tools.errors import BadArguments, CallRefused, NeedsApproval
from tools.models import StandingApproval, ToolCall
from tools.pages import form, listing
from tools.specs import Tool

LATEST = 5
WATCHED = 5.0  # seconds
OVER = "This call is already over."


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
async def page(request: HttpRequest) -> HttpResponseBase:
    """The tools that the person may use. htmx asks for the list alone, for what is typed into the search field."""
    wanted = request.GET.get("q", "")[:200]
    shown = await in_database(_listed, _person(request), wanted)
    if wants_fragment(request):
        return await in_database(part_of_page, request, "tools/_groups.html", shown)
    return await framed(request, "tools/page.html", shown)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def tool(request: HttpRequest, tool_name: str) -> HttpResponseBase:
    """One tool beside the list; a form that is sent calls it."""
    found = await in_database(_tool, _person(request), tool_name)
    came = await _called(request, found) if request.method == "POST" else {}
    return await _answer(request, found, came)


@login_required
@require_POST
async def decide(request: HttpRequest, tool_name: str, call_id: str) -> HttpResponseBase:
    """Decide about one's own call that waits, then show the tool with what came of it."""
    person = _person(request)
    decided = Decided("once" if request.POST.get("decision") == "once" else "deny", person.pk)
    found = await in_database(_tool, person, tool_name)
    try:
        came = await _patiently(found, calls.decide(await caller_of(request, "page"), call_id, decided))
    except CallRefused as error:
        came = {"refusal": str(error)}
    return await _answer(request, found, came)


@login_required
@require_POST
async def cancel(request: HttpRequest, tool_name: str, call_id: str) -> HttpResponseBase:
    """End one's own call that runs in the background, and wait a moment for its end."""
    person = _person(request)
    found = await in_database(_tool, person, tool_name)
    came: dict[str, Any] = {"refusal": OVER}
    if await in_database(calls.cancel_own, person, call_id):
        came = await _patiently(found, calls.join(await caller_of(request, "page"), call_id))
    return await _answer(request, found, came)


@login_required
@require_POST
async def revoke(request: HttpRequest, tool_name: str, approval_id: int) -> HttpResponseBase:
    """Be asked again before this tool runs."""
    person = _person(request)
    await StandingApproval.objects.filter(person=person, pk=approval_id).adelete()
    if not wants_fragment(request):
        return redirect("tools:tool", tool_name)
    return await _answer(request, await in_database(_tool, person, tool_name), {})


async def _answer(request: HttpRequest, found: Tool, came: dict[str, Any]) -> HttpResponseBase:
    """The tool with what came of a call: as a fragment for htmx, else beside the list."""
    person = _person(request)
    await calls.flush()  # the call is among the latest
    shown = await in_database(_shown, person, found) | came
    if wants_fragment(request):
        return await in_database(part_of_page, request, "tools/_tool.html", shown)
    return await framed(request, "tools/page.html", shown | await in_database(_listed, person, ""))


async def _called(request: HttpRequest, found: Tool) -> dict[str, Any]:
    """Call the tool with the form's arguments; what the page shows of it."""
    given = {name: str(value) for name, value in request.POST.items()}
    arguments, complaints = form.arguments_of(found.spec.input_schema, given)
    if complaints:
        return _complaining(found, given, BadArguments(found.spec.name, complaints))
    kept = {"fields": form.fields_of(found.spec.input_schema, given)}
    try:
        return kept | await _patiently(found, calls.call(await caller_of(request, "page"), found.spec.name, arguments))
    except NeedsApproval as error:
        return kept | {"waiting": error, "arguments": arguments}
    except BadArguments as error:
        return _complaining(found, given, error)
    except CallRefused as error:
        return kept | {"refusal": str(error)}


async def _patiently(found: Tool, calling: Coroutine[Any, Any, Result]) -> dict[str, Any]:
    """The result; of a tool that runs long, no later than a person looks at a form that does nothing."""
    try:
        async with asyncio.timeout(WATCHED if found.spec.is_long else None):
            return {"result": await calling}
    except TimeoutError:
        return {"goes_on": True}


def _complaining(found: Tool, given: dict[str, str], error: BadArguments) -> dict[str, Any]:
    """The form with a complaint at each input; what belongs to none stands below."""
    fields = form.fields_of(found.spec.input_schema, given, error.complaints)
    return {"fields": fields, "refusal": "" if any(field.error for field in fields) else str(error)}


def _person(request: HttpRequest) -> User:
    caller: Caller = request.caller  # type: ignore[attr-defined]  # what login_required promises
    return caller.person


def _tool(person: User, name: str) -> Tool:
    """The tool, if the person may use it. Raises Http404."""
    found = next((one for one in access.tools_for(person) if one.spec.name == name), None)
    if found is None:
        raise Http404
    return found


def _listed(person: User, wanted: str) -> dict[str, Any]:
    groups = listing.groups(person, wanted)
    return {"at_tools": True, "groups": groups, "wanted": wanted, "number": sum(len(group.rows) for group in groups)}


def _shown(person: User, found: Tool) -> dict[str, Any]:
    name = found.spec.name
    latest = ToolCall.objects.visible_to(person).filter(tool=name).order_by("-created_at")[:LATEST]
    standing = StandingApproval.objects.filter(person=person, tool=name).order_by("-created_at")
    setting = access.settings_of(person.tenant_id).get(name)
    return {
        "tool": found.spec,
        "badge": listing.badge(found, setting),
        "fields": form.fields_of(found.spec.input_schema),
        "latest": list(latest),
        "under_way": ToolCall.UNDER_WAY,
        "standing": list(standing),
    }
