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
    """The person who set Galaxy up (`OWNER_EMAIL`): an operator with every right."""
    return find_or_make(settings.ENVIRONMENT.owner_email, operator=True)


def is_owner(person: User) -> bool:
    """Whether this is the person who set Galaxy up. An operator may change that address for nobody else."""
    return person.is_staff and is_owners_address(person.email)


def is_owners_address(email: str) -> bool:
    """Whether the address is that of the person who set Galaxy up."""
    return email.strip().lower() == settings.ENVIRONMENT.owner_email.strip().lower()


def _make(email: str, *, operator: bool) -> User:
    try:
        with transaction.atomic():
            name = called_by(email) if operator else ""
            return User.objects.create_user(email, tenant=first_tenant(), is_staff=operator, name=name)
    except IntegrityError:  # another request made the same person at the same moment
        return User.objects.get(email=email)
