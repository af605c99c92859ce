"""People of the same tenant."""

from typing import Annotated

from django.db.models import Q
from msgspec import Meta, Struct

from accounts.models import User
from accounts.storage.connections import in_database
from accounts.storage.texts import cleaned
from tools.authoring import tool
from tools.specs import Context, Example

MOST = 10
MOST_WORDS = 6
Query = Annotated[str, Meta(description="A name, an e-mail address, or a part of one.", min_length=2, max_length=100)]


class Person(Struct, frozen=True):
    """A person, as colleagues may know them."""

    name: str
    email: str
    groups: list[str]


class People(Struct, frozen=True):
    """Found people. `more` if there are others."""

    people: list[Person]
    more: bool


@tool(title="People", category="People", examples=(Example("What is Bob's address?", {"query": "bob"}, is_general=False),))
async def user_lookup(context: Context, query: Query) -> People:
    """Find people who use this Galaxy together with the person, by name or address: their name, address and groups."""
    return await in_database(_find, context.person, query)


def _find(person: User, query: str) -> People:
    """Find active people of the tenant whose name or address contains every word."""
    condition = Q()
    words = cleaned(query).split()[:MOST_WORDS]
    if not words:
        return People([], more=False)
    for word in words:
        condition &= Q(name__icontains=word) | Q(email__icontains=word)
    rows = list(
        User.objects.filter(condition, tenant=person.tenant_id, is_active=True)
        .order_by("email")
        .prefetch_related("groups")[: MOST + 1]
    )
    return People([_shown(row) for row in rows[:MOST]], len(rows) > MOST)


def _shown(row: User) -> Person:
    return Person(row.display_name, row.email, sorted(group.name for group in row.groups.all()))
