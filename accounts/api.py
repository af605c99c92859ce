"""The REST door of accounts."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from accounts import connected, limits
from accounts.connections import in_database
from accounts.needs import Needs

router = Router(tags=["accounts"])

ClientId = Annotated[str, Query(max_length=255, pattern=r"^[\x20-\x7e]+$")]  # RFC 6749, appendix A.1


class Me(Schema):
    """The person who asks."""

    id: str
    email: str
    name: str
    tenant: str
    is_operator: bool


class LeftOut(Schema):
    """What is left of a budget. `measure` is requests, tokens or cost (US dollars); `ends` is when the count begins anew."""

    name: str
    measure: str
    used: float
    amount: float
    ends: datetime


@router.get("limits", response=list[LeftOut], auth=Needs("profile"))
async def own_limits(request: HttpRequest) -> list[limits.Left]:
    """What is left of one's budgets, those shared with others included."""
    return await limits.left(request.auth)  # type: ignore[attr-defined]  # set by ninja to what the authenticator gave


@router.get("me", response=Me, auth=Needs("profile"))
async def me(request: HttpRequest) -> Me:
    """Who is signed in."""
    person = request.auth  # type: ignore[attr-defined]  # set by ninja to what the authenticator gave
    return Me(
        id=str(person.pk),
        email=person.email,
        name=person.display_name,
        tenant=str(person.tenant_id),
        is_operator=person.is_staff,
    )


class AppOut(Schema):
    """A program that the person let in."""

    client_id: str
    name: str
    host: str
    scopes: list[str]
    resources: list[str]
    since: datetime
    last_used_at: datetime | None


@router.get("apps", response=list[AppOut], auth=Needs(None))
async def apps(request: HttpRequest) -> Any:
    """The apps that one has connected, the newest first."""
    return await in_database(connected.of, request.auth)  # type: ignore[attr-defined]


@router.delete("apps", response={204: None}, auth=Needs(None))
async def disconnect(request: HttpRequest, client_id: ClientId) -> tuple[int, None]:
    """Disconnect an app: from now on none of its tokens works."""
    if not await in_database(connected.revoke, request.auth, client_id):  # type: ignore[attr-defined]
        raise HttpError(404, "You have no such app.")
    return 204, None
