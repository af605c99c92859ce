"""Removing a person truly: first they may do nothing any more, then all that they have goes, then they do."""

from collections import Counter
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit, live, single_use
from accounts.models import User
from accounts.removal.holdings import all_holdings
from accounts.removal.receipt import Receipt

TRIES = 3


class LastOperator(Exception):
    """Nobody would be left who can look after this installation."""


class LeftAlready(Exception):
    """The person is being removed, or may not do anything any more: there is one receipt."""


def is_last_operator(person: User) -> bool:
    """Whether nobody else is an operator."""
    return person.is_staff and not User.objects.filter(is_staff=True, is_active=True).exclude(pk=person.pk).exists()


def remove(person: User, *, by: str = "the person", once: bool = False) -> Receipt:
    """Delete the person and everything of theirs. The audit keeps their id. Raises LastOperator, and LeftAlready with `once`.

    What breaks off on the way leaves them suspended, and is done again from the beginning.
    """
    person_id, tenant_id = person.pk, person.tenant_id
    _shut_out(person, once=once)
    removed: Counter[str] = Counter()
    _delete(person, removed)
    counts = {table: count for table, count in sorted(removed.items()) if count}
    audit.record("person.removed", "person", person_id, by=by, removed=counts)
    return Receipt(str(person_id), str(tenant_id), timezone.now().isoformat(), by, counts, left_of(person_id))


def left_of(person_id: UUID) -> dict[str, int]:
    """How many rows of which tables still name the person."""
    found: Counter[str] = Counter(User=User.objects.filter(pk=person_id).count())
    for model in apps.get_models():
        for field in model._meta.concrete_fields:  # noqa: SLF001  Django's public way to ask for fields
            if field.is_relation and field.related_model is User:
                found[model.__name__] += model._default_manager.filter(**{field.attname: person_id}).count()  # noqa: SLF001
    return {table: count for table, count in found.items() if count}


def _delete(person: User, removed: Counter[str]) -> None:
    """All they have, then they. A request that had begun before may still write something meanwhile: then once more."""
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
    """From here on no door opens, and what is open closes: see `accounts.live`."""
    with transaction.atomic():
        list(User.objects.select_for_update().filter(is_staff=True).values_list("pk"))  # two operators cannot both be the last
        if is_last_operator(person):
            raise LastOperator("Make somebody else an operator first: nobody could look after this server any more.")
        if not single_use.spend(User.objects.filter(pk=person.pk, is_active=True), is_active=False) and once:
            raise LeftAlready
        person.is_active = False
        live.tell(person.pk)
    audit.record("person.removal_begun", "person", person.pk)
