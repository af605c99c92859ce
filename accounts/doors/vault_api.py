"""The REST API of the vault: people create and delete their own secrets. No interface returns one."""

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import SecretStr

from accounts.models import Secret, User
from accounts.storage.connections import in_database
from accounts.vault import store

router = Router(tags=["secrets"])


class SecretShown(Schema):
    """The visible part of a secret. `hint` is its last four characters, or empty if the secret is short."""

    name: str
    hint: str
    created_at: datetime
    changed_at: datetime
    used_at: datetime | None


class SecretGiven(Schema):
    """The secret to store."""

    value: SecretStr


@router.get("", response=list[SecretShown])
async def secrets(request: HttpRequest) -> list[Secret]:
    """List your secrets by name."""
    return await in_database(_own, _person(request))


@router.put("{name}", response=SecretShown)
async def put(request: HttpRequest, name: str, given: SecretGiven) -> Secret:
    """Store a secret under this name, replacing an earlier one."""
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
    return store.put(person.tenant, name, value.get_secret_value(), person)


def _forget(person: User, name: str) -> None:
    found = Secret.objects.visible_to(person).filter(name=name).first()
    if found is None:
        raise Http404
    store.forget(found)
