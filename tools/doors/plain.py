"""Tools by plain HTTP (docs/protocol.md): `POST /tools/list` and `POST /tools/call`, as JSON or as lines of it."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from ninja.errors import HttpError

from accounts.oauth.endpoints import challenge
from accounts.oauth.resources import API
from accounts.storage.connections import in_database
from tools import access, calls
from tools.calling.output import Kept
from tools.calls import Result
from tools.doors import streamed
from tools.doors.callers import CALLS, LISTS, NeedsTools, as_error, caller_of
from tools.doors.streamed import LINES
from tools.errors import CallRefused
from tools.specs import ToolSpec


class Wanted(msgspec.Struct):
    """Body of a call."""

    name: str
    arguments: dict[str, Any] = {}


@csrf_exempt  # `NeedsTools` checks what browsers send by themselves
@require_POST
async def list_tools(request: HttpRequest) -> HttpResponse:
    """The tools that the person may use."""
    if refused := await _refused(request, LISTS):
        return refused
    caller = await caller_of(request, "rest")
    told = [described(tool.spec) for tool in await in_database(access.tools_for, caller.person)]
    if _wants_lines(request):
        return HttpResponse(b"".join(msgspec.json.encode(tool) + b"\n" for tool in told), content_type=LINES)
    return _json({"tools": told})


@csrf_exempt
@require_POST
async def call_tool(request: HttpRequest) -> HttpResponseBase:
    """Call a tool, and give its result; with lines, its progress before."""
    if refused := await _refused(request, CALLS):
        return refused
    try:
        wanted = msgspec.json.decode(request.body, type=Wanted)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return _json({"error": {"code": "bad_request", "message": f'Send {{"name": …, "arguments": {{…}}}}: {error}.'}}, 400)
    try:
        caller = await caller_of(request, "rest")
        if _wants_lines(request):
            return await streamed.answer(caller, wanted.name, wanted.arguments, _answer)
        return _json(_answer(await calls.call(caller, wanted.name, wanted.arguments)))
    except CallRefused as error:
        status, told = as_error(error)
        return _json(told, status)


def described(spec: ToolSpec) -> dict[str, Any]:
    """A tool as the MCP specification describes one."""
    told: dict[str, Any] = {"name": spec.name, "title": spec.title, "description": spec.description}
    told["inputSchema"] = spec.input_schema
    if spec.output_schema:
        told["outputSchema"] = spec.output_schema
    return told | {"annotations": msgspec.to_builtins(spec.annotations)}


def _answer(result: Result) -> dict[str, Any]:
    return answer_of(result.kept, is_error=result.outcome != "succeeded")


def answer_of(kept: Kept, *, is_error: bool) -> dict[str, Any]:
    """A result as the MCP specification has it; files are links to their artifacts."""
    content: list[dict[str, Any]] = [{"type": "text", "text": kept.text}]
    for made in kept.artifacts:
        address = f"/artifacts/{made['artifact_id']}/{made['version']}"
        link = {"type": "resource_link", "uri": address, "name": made["name"], "mimeType": made["media_type"]}
        content.append(link | {"size": made["size"]})
    told: dict[str, Any] = {"content": content, "isError": is_error}
    return told | ({"structuredContent": kept.data} if kept.data is not None else {})


def _wants_lines(request: HttpRequest) -> bool:
    return LINES in request.headers.get("Accept", "")


async def _refused(request: HttpRequest, needs: NeedsTools) -> HttpResponse | None:
    try:
        if await needs(request):
            return None
    except HttpError as error:
        status, told = as_error(error)
        return _json(told, status)
    answer = _json({"error": {"code": "not_signed_in", "message": "Sign in first."}}, 401)
    error_name = "invalid_token" if "Authorization" in request.headers else ""
    answer.headers["WWW-Authenticate"] = challenge.of(API, scopes=[needs.scope("POST") or ""], error=error_name)
    return answer


def _json(value: Any, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(msgspec.json.encode(value), content_type="application/json", status=status, headers=headers)
