"""The REST door of accounts."""

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.needs import Needs

router = Router(tags=["accounts"])


class Me(Schema):
    """The person who asks."""

    id: str
    email: str
    name: str
    tenant: str
    is_operator: bool


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
