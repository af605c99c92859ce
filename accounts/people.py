"""How people come to be: the owner of a fresh installation, and whoever an operator or a trusted door lets in."""

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Tenant, User
from accounts.models.people import called_by

FIRST_TENANT = "Home"
SUSPENDED = "This account is suspended. Ask an operator to let you in again."


def find_or_make(email: str, *, operator: bool = False) -> User:
    """The person with that address; made, in the installation's first tenant, when there is none."""
    email = email.strip().lower()
    found = User.objects.filter(email=email).first()
    return found or _make(email, operator=operator)


def active(person_id: UUID) -> User | None:
    """The person as they are now; None for one who may not sign in any more."""
    return User.objects.filter(pk=person_id, is_active=True).first()


def known_by_proxy(email: str) -> User | None:
    """The active person whom a trusted proxy names; made at their first visit unless `PROXY_CREATE_PEOPLE` is off."""
    found = User.objects.filter(email=email).first()
    if found is None and settings.ENVIRONMENT.proxy_create_people:
        found = find_or_make(email)
    return found if found and found.is_active else None


def first_tenant() -> Tenant:
    """The tenant of whoever comes without being invited into another; made when there is none."""
    return Tenant.objects.order_by("created_at").first() or Tenant.objects.create(name=FIRST_TENANT)


def owner() -> User:
    """The person who set Galaxy up: an operator with every right. `OWNER_EMAIL` names them at the first start alone."""
    found = User.objects.filter(is_owner=True).first()
    return found or _made_owner(find_or_make(settings.ENVIRONMENT.owner_email, operator=True))


def _made_owner(person: User) -> User:
    """Who came by another door and has that address, is no operator and does not become one by it."""
    if person.is_staff:
        person.is_owner = True
        person.save(update_fields=["is_owner"])
    return person


def is_owner(person: User) -> bool:
    """Whether this is the person who set Galaxy up, whatever their address is by now."""
    return person.is_staff and person.is_owner


def is_owners_address(email: str) -> bool:
    """Whether the address is that by which the person who set Galaxy up is named at the first start."""
    return email.strip().lower() == settings.ENVIRONMENT.owner_email.strip().lower()


def _make(email: str, *, operator: bool) -> User:
    try:
        with transaction.atomic():
            name = called_by(email) if operator else ""
            return User.objects.create_user(email, tenant=first_tenant(), is_staff=operator, name=name)
    except IntegrityError:  # another request made the same person at the same moment
        return User.objects.get(email=email)
