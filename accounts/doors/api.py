"""The REST API of accounts."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from accounts import limits
from accounts.identity.api_auth import Needs
from accounts.oauth import connected_apps
from accounts.storage.connections import in_database

router = Router(tags=["accounts"])

ClientId = Annotated[str, Query(max_length=255, pattern=r"^[\x20-\x7e]+$")]  # RFC 6749, appendix A.1


class Me(Schema):
    """The signed-in person."""

    id: str
    email: str
    name: str
    tenant: str
    is_operator: bool


class LeftOut(Schema):
    """A budget and its use. `measure` is requests, tokens or cost (US dollars); the count restarts at `ends`."""

    name: str
    measure: str
    used: float
    amount: float
    ends: datetime


@router.get("limits", response=list[LeftOut], auth=Needs("profile"))
async def own_limits(request: HttpRequest) -> list[limits.Left]:
    """List your budgets and their use, including shared ones."""
    return await limits.left(request.auth)  # type: ignore[attr-defined]  # set by ninja to what the authenticator gave


@router.get("me", response=Me, auth=Needs("profile"))
async def me(request: HttpRequest) -> Me:
    """Return the signed-in person."""
    person = request.auth  # type: ignore[attr-defined]  # set by ninja to what the authenticator gave
    return Me(
        id=str(person.pk),
        email=person.email,
        name=person.display_name,
        tenant=str(person.tenant_id),
        is_operator=person.is_staff,
    )


class AppOut(Schema):
    """An app that the person has connected."""

    client_id: str
    name: str
    host: str
    scopes: list[str]
    resources: list[str]
    since: datetime
    last_used_at: datetime | None


@router.get("apps", response=list[AppOut], auth=Needs(None))
async def apps(request: HttpRequest) -> Any:
    """List the apps you have connected, newest first."""
    return await in_database(connected_apps.of, request.auth)  # type: ignore[attr-defined]


@router.delete("apps", response={204: None}, auth=Needs(None))
async def disconnect(request: HttpRequest, client_id: ClientId) -> tuple[int, None]:
    """Disconnect an app. All of its tokens stop working at once."""
    if not await in_database(connected_apps.revoke, request.auth, client_id):  # type: ignore[attr-defined]
        raise HttpError(404, "You have not connected this app.")
    return 204, None
