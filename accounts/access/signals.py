"""Publishes and records every change of rights, wherever it is made: page, admin, command or sign-in."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts import audit, notices
from accounts.access import audiences, grantable_kinds, rights_changes
from accounts.models import Budget, Grant, Group, Membership, Tenant, User
from accounts.models.grants import ALL

# The person whose rights a row of this type affects; None for everyone.
WHOSE: dict[type[Model], Callable[[Any], UUID | None]] = {
    User: lambda person: person.pk,
    Membership: lambda membership: membership.person_id,
    Grant: lambda grant: grant.person_id,
    Group: lambda _: None,
    Tenant: lambda _: None,
}


@receiver([post_save, post_delete])
def _right_changed(sender: type[Model], instance: Model, update_fields: frozenset[str] | None = None, **event: Any) -> None:
    """Publish and record the change. For a person, the audit says only that they changed, not the new values."""
    if sender not in WHOSE or update_fields == frozenset({"last_login"}):
        return
    rights_changes.publish(WHOSE[sender](instance))
    for topic in _topics(instance):
        notices.notify(_concerned(instance), topic)
    done = "deleted" if event["signal"] is post_delete else "created" if event["created"] else "changed"
    kind = "person" if sender is User else sender.__name__.lower()
    audit.record(f"{kind}.{done}", kind, instance.pk, what=_words(instance), **_flags(instance))


def _topics(instance: Model) -> list[notices.Topic]:
    """Topics of which the people concerned may see more now, or less. A topic is called by the plural of its kind."""
    changed = [instance.kind] if isinstance(instance, Grant) else [kind.name for kind in grantable_kinds.all_kinds()]
    if not isinstance(instance, Grant | Membership):
        changed = []
    return [topic for topic in notices.TOPICS if topic == "me" or topic.removesuffix("s") in changed]


def _concerned(instance: Model) -> notices.Audience:
    """The people whose open pages may offer more now, or less."""
    if isinstance(instance, Grant | Membership) and instance.person_id:
        return notices.person(instance.person_id)
    if isinstance(instance, Grant) and instance.group_id:
        return audiences.group(instance.group_id)
    if isinstance(instance, Grant):
        return notices.tenant(instance.tenant_id)
    if isinstance(instance, Group):
        return audiences.group(instance.pk)
    return notices.person(instance.pk) if isinstance(instance, User) else notices.tenant(instance.pk)


def _words(instance: Model) -> str:
    """Describe the row without personal data: the audit refers to people by id alone."""
    if isinstance(instance, User):
        return ""
    if isinstance(instance, Membership):
        return f"{instance.person_id} in {instance.group}"
    if isinstance(instance, Grant) and instance.person:
        return str(instance).replace(str(instance.person), str(instance.person_id))
    return str(instance)


def _flags(instance: Model) -> dict[str, Any]:
    if isinstance(instance, User):
        return {"is_active": instance.is_active, "is_operator": instance.is_staff}
    return {}


@receiver([post_save, post_delete], sender=Budget)
def _budget_changed(instance: Budget, **_: Any) -> None:
    rights_changes.publish(instance.person_id)


@receiver(post_save, sender=Tenant)
def _grant_what_is_open_at_first(instance: Tenant, created: bool, **_: Any) -> None:  # noqa: FBT001  Django's signature
    if created:
        Grant.objects.bulk_create(
            Grant(tenant=instance, action=action, kind=kind.name, target=ALL)
            for kind in grantable_kinds.all_kinds()
            if kind.open_at_first
            for action in kind.actions
        )
