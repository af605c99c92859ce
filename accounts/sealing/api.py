"""The REST door of the vault: a person's own secrets, to write and to delete. No door gives one out."""

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import SecretStr

from accounts import vault
from accounts.connections import in_database
from accounts.models import Secret, User

router = Router(tags=["secrets"])


class SecretShown(Schema):
    """All that is shown of a secret. `hint` is its last four characters, or empty when it is short."""

    name: str
    hint: str
    created_at: datetime
    changed_at: datetime
    used_at: datetime | None


class SecretGiven(Schema):
    """What is to be kept."""

    value: SecretStr


@router.get("", response=list[SecretShown])
async def secrets(request: HttpRequest) -> list[Secret]:
    """Your secrets, by name."""
    return await in_database(_own, _person(request))


@router.put("{name}", response=SecretShown)
async def put(request: HttpRequest, name: str, given: SecretGiven) -> Secret:
    """Keep a secret under this name, in the place of an older one."""
    person = _person(request)
    return await in_database(_put, person, name, given.value)


@router.delete("{name}", response={204: None})
async def forget(request: HttpRequest, name: str) -> tuple[int, None]:
    """Delete a secret."""
    await in_database(_forget, _person(request), name)
    return 204, None


def _person(request: HttpRequest) -> User:
    return request.auth  # type: ignore[attr-defined,no-any-return]  # set by ninja to what the authenticator gave


def _own(person: User) -> list[Secret]:
    return list(Secret.objects.visible_to(person).order_by("name"))


def _put(person: User, name: str, value: SecretStr) -> Secret:
    return vault.put(person.tenant, name, value.get_secret_value(), person)


def _forget(person: User, name: str) -> None:
    found = Secret.objects.visible_to(person).filter(name=name).first()
    if found is None:
        raise Http404
    vault.forget(found)
