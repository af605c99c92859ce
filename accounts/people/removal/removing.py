"""Removal of a person: lock them out, delete their data, delete their row."""

from collections import Counter
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.access import rights_changes
from accounts.models import User
from accounts.people.removal.holdings import all_holdings
from accounts.people.removal.receipt import Receipt
from accounts.storage import single_use

TRIES = 3


class LastOperator(Exception):
    """No one would be left who can look after this installation."""


class LeftAlready(Exception):
    """The person is already being removed or is suspended: there is only one receipt."""


def is_last_operator(person: User) -> bool:
    """Check that there is no other operator."""
    return person.is_staff and not User.objects.filter(is_staff=True, is_active=True).exclude(pk=person.pk).exists()


def remove(person: User, *, by: str = "the person", once: bool = False) -> Receipt:
    """Delete the person and all their data; the audit keeps their id. Raises LastOperator, and LeftAlready with `once`.

    If it fails on the way, they stay suspended, and it can be repeated from the start.
    """
    person_id, tenant_id = person.pk, person.tenant_id
    _shut_out(person, once=once)
    removed: Counter[str] = Counter()
    _delete(person, removed)
    counts = {table: count for table, count in sorted(removed.items()) if count}
    audit.record("person.removed", "person", person_id, by=by, removed=counts)
    return Receipt(str(person_id), str(tenant_id), timezone.now().isoformat(), by, counts, left_of(person_id))


def left_of(person_id: UUID) -> dict[str, int]:
    """Count the rows that still refer to the person, by table."""
    found: Counter[str] = Counter(User=User.objects.filter(pk=person_id).count())
    for model in apps.get_models():
        for field in model._meta.concrete_fields:  # noqa: SLF001  Django's public way to ask for fields
            if field.is_relation and field.related_model is User:
                found[model.__name__] += model._default_manager.filter(**{field.attname: person_id}).count()  # noqa: SLF001
    return {table: count for table, count in found.items() if count}


def _delete(person: User, removed: Counter[str]) -> None:
    """Delete all their data, then their row. An earlier request may still add data meanwhile: then repeat it."""
    for tries_left in reversed(range(TRIES)):
        for holding in reversed(all_holdings()):
            removed.update(holding.remove(person))
        try:
            with transaction.atomic():
                removed.update(User.objects.filter(pk=person.pk).delete()[1])
                return
        except IntegrityError:
            if not tries_left:
                raise


def _shut_out(person: User, *, once: bool) -> None:
    """Suspend the person: all ways in are closed and open connections end; see `accounts.access.rights_changes`."""
    with transaction.atomic():
        list(User.objects.select_for_update().filter(is_staff=True).values_list("pk"))  # two operators cannot both be the last
        if is_last_operator(person):
            raise LastOperator("Make another person an operator first: otherwise no one could look after this server.")
        if not single_use.spend(User.objects.filter(pk=person.pk, is_active=True), is_active=False) and once:
            raise LeftAlready
        person.is_active = False
        rights_changes.publish(person.pk)
    audit.record("person.removal_begun", "person", person.pk)
