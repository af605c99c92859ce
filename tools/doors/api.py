"""The REST door of tools: which there are, calling one, the calls one made, and what one has allowed for good."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Router
from ninja.pagination import paginate

from accounts.models import User
from accounts.storage.connections import in_database
from accounts.storage.cursor import Cursor
from tools import access, calls
from tools.doors.callers import CALLS, LISTS, caller_of
from tools.doors.schemas import CallIn, CallOut, StandingOut, ToolOut
from tools.models import StandingApproval, ToolCall
from tools.specs import ToolSpec

router = Router(tags=["tools"])


def _person(request: HttpRequest) -> User:
    person: User = request.auth  # type: ignore[attr-defined]  # set by ninja to what the authenticator gave
    return person


@router.get("tools", response=list[ToolOut], auth=LISTS)
async def list_tools(request: HttpRequest) -> list[ToolSpec]:
    """The tools that one may use."""
    return [tool.spec for tool in await in_database(access.tools_for, _person(request))]


@router.post("tool-calls", response={201: CallOut}, auth=CALLS)
async def call_tool(request: HttpRequest, payload: CallIn) -> tuple[int, ToolCall]:
    """Call a tool. A failure of the tool is a result, too: see `state`."""
    result = await calls.call(await caller_of(request, "rest"), payload.tool, payload.arguments)
    await calls.flush()
    return 201, await in_database(_found, _person(request), result.call_id)


@router.get("tool-calls", response=list[CallOut], auth=CALLS)
@paginate(Cursor, ordering=("-created_at", "-id"))
async def list_calls(request: HttpRequest, tool: str = "", state: str = "") -> QuerySet[ToolCall]:
    """The calls that one made, or that models made for one, the latest first."""
    wanted: dict[str, Any] = {name: value for name, value in (("tool", tool), ("state", state)) if value}
    return ToolCall.objects.visible_to(_person(request)).filter(**wanted)


@router.get("tool-calls/{call_id}", response=CallOut, auth=CALLS)
async def read_call(request: HttpRequest, call_id: str) -> ToolCall:
    """One call."""
    return await in_database(_found, _person(request), call_id)


@router.post("tool-calls/{call_id}/cancel", response={204: None}, auth=CALLS)
async def cancel_call(request: HttpRequest, call_id: str) -> tuple[int, None]:
    """End a call that runs in the background. Its state says when it has ended, and how."""
    if not await in_database(calls.cancel_own, _person(request), call_id):
        raise Http404
    return 204, None


@router.get("tool-approvals", response=list[StandingOut], auth=LISTS)
async def list_approvals(request: HttpRequest) -> list[StandingApproval]:
    """The tools whose calls one is not asked about any more, in one chat or everywhere."""
    return await in_database(list, StandingApproval.objects.filter(person=_person(request)).order_by("-created_at"))


@router.delete("tool-approvals/{approval_id}", response={204: None}, auth=CALLS)
async def revoke_approval(request: HttpRequest, approval_id: int) -> tuple[int, None]:
    """Be asked about it again."""
    gone, _ = await StandingApproval.objects.filter(person=_person(request), pk=approval_id).adelete()
    if not gone:
        raise Http404
    return 204, None


def _found(person: User, call_id: str) -> ToolCall:
    found = ToolCall.objects.visible_to(person).filter(pk=call_id).first()
    if found is None:
        raise Http404
    return found
