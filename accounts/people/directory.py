"""Creation of people: the owner of a new installation, and everyone an operator or a trusted proxy admits."""

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Tenant, User
from accounts.models.people import called_by

FIRST_TENANT = "Home"
SUSPENDED = "This account is suspended. Ask an operator to reactivate it."


def find_or_make(email: str, *, operator: bool = False) -> User:
    """Return the person with that address, creating them in the installation's first tenant if necessary."""
    email = email.strip().lower()
    found = User.objects.filter(email=email).first()
    return found or _make(email, operator=operator)


def active(person_id: UUID) -> User | None:
    """Return the person as they are now; None if they may no longer sign in."""
    return User.objects.filter(pk=person_id, is_active=True).first()


def known_by_proxy(email: str) -> User | None:
    """Return the active person a trusted proxy names, created at their first visit unless `PROXY_CREATE_PEOPLE` is off."""
    found = User.objects.filter(email=email).first()
    if found is None and settings.ENVIRONMENT.proxy_create_people:
        found = find_or_make(email)
    return found if found and found.is_active else None


def first_tenant() -> Tenant:
    """Return the tenant of people who are not invited into another, creating it if necessary."""
    return Tenant.objects.order_by("created_at").first() or Tenant.objects.create(name=FIRST_TENANT)


def owner() -> User:
    """Return the person who set Galaxy up, an operator with every right. `OWNER_EMAIL` matters only at the first start."""
    found = User.objects.filter(is_owner=True).first()
    return found or _made_owner(find_or_make(settings.ENVIRONMENT.owner_email, operator=True))


def _made_owner(person: User) -> User:
    """Make them the owner, unless they came another way and are not an operator: the address alone gives no rights."""
    if person.is_staff:
        person.is_owner = True
        person.save(update_fields=["is_owner"])
    return person


def is_owner(person: User) -> bool:
    """Check whether this is the person who set Galaxy up, whatever their address is now."""
    return person.is_staff and person.is_owner


def is_owners_address(email: str) -> bool:
    """Check whether the address is the one that names the owner at the first start."""
    return email.strip().lower() == settings.ENVIRONMENT.owner_email.strip().lower()


def _make(email: str, *, operator: bool) -> User:
    try:
        with transaction.atomic():
            name = called_by(email) if operator else ""
            return User.objects.create_user(email, tenant=first_tenant(), is_staff=operator, name=name)
    except IntegrityError:  # another request created the same person at the same moment
        return User.objects.get(email=email)
