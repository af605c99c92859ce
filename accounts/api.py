"""The REST door of accounts."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from accounts import limits
from accounts.needs import Needs

router = Router(tags=["accounts"])


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
