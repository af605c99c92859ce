"""Whatever changes somebody's rights tells every process of it, wherever it was changed: page, admin, command or sign-in."""

from typing import Any

from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts import kinds, live
from accounts.models import AccessToken, Grant, Group, Membership, Tenant, User
from accounts.models.grants import ALL


@receiver([post_save, post_delete], sender=User)
def _person_changed(instance: User, **_: Any) -> None:
    live.tell(instance.pk)


@receiver([post_save, post_delete], sender=Membership)
@receiver([post_save, post_delete], sender=AccessToken)
def _right_of_one_changed(instance: Membership | AccessToken, **_: Any) -> None:
    live.tell(instance.person_id)


@receiver([post_save, post_delete], sender=Grant)
def _grant_changed(instance: Grant, **_: Any) -> None:
    live.tell(instance.person_id)  # a group's or everybody's: everybody asks again


@receiver([post_save, post_delete], sender=Group)
def _group_changed(**_: Any) -> None:
    live.tell()


@receiver(post_delete, sender=Session)
def _session_ended(**_: Any) -> None:
    live.tell()


@receiver(post_save, sender=Tenant)
def _grant_what_is_open_at_first(instance: Tenant, created: bool, **_: Any) -> None:  # noqa: FBT001  Django's signature
    if created:
        Grant.objects.bulk_create(
            Grant(tenant=instance, action=action, kind=kind.name, target=ALL)
            for kind in kinds.all_kinds()
            if kind.open_at_first
            for action in kind.actions
        )
