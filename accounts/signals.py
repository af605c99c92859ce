"""Whatever changes somebody's rights tells every process of it, wherever it was changed: page, admin, command or sign-in."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from oauth2_provider.models import AccessToken as AppToken
from oauth2_provider.models import Application

from accounts import audit, kinds, live, visits
from accounts.audit.actor import Actor, client_of
from accounts.entrance import confirmation
from accounts.models import AccessToken, Grant, Group, Membership, Session, Tenant, User
from accounts.models.grants import ALL
from accounts.oauth import ledger

# Whose rights a row of these is about; None for everybody's.
WHOSE: dict[type[Model], Callable[[Any], UUID | None]] = {
    User: lambda person: person.pk,
    Membership: lambda membership: membership.person_id,
    Grant: lambda grant: grant.person_id,
    Group: lambda _: None,
    Tenant: lambda _: None,
}


@receiver([post_save, post_delete], sender=AccessToken)
def _token_changed(instance: AccessToken, **_: Any) -> None:
    live.tell(instance.person_id)


@receiver(post_save, sender=User)
def _suspended(instance: User, **_: Any) -> None:
    """Who is let in again signs in again."""
    if not instance.is_active:
        visits.end_all(instance.pk)


@receiver(post_delete, sender=AppToken)
def _token_of_app_ended(instance: Any, **_: Any) -> None:
    live.tell(instance.user_id)


@receiver(post_save, sender=Application)
def _app_registered(instance: Any, created: bool, **_: Any) -> None:  # noqa: FBT001  Django's signature
    if created:
        ledger.note("app.registered", instance, None, how=instance.registration_source)


@receiver([post_save, post_delete])
def _right_changed(sender: type[Model], instance: Model, update_fields: frozenset[str] | None = None, **event: Any) -> None:
    """Tell of it, and record it: what is written of a person is that they changed, not to what."""
    if sender not in WHOSE or update_fields == frozenset({"last_login"}):
        return
    live.tell(WHOSE[sender](instance))
    done = "deleted" if event["signal"] is post_delete else "created" if event["created"] else "changed"
    kind = "person" if sender is User else sender.__name__.lower()
    audit.record(f"{kind}.{done}", kind, instance.pk, what=_words(instance), **_flags(instance))


def _words(instance: Model) -> str:
    """What the row says, without whose it is: people are in the audit by their id alone."""
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


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    client, how = client_of(getattr(request, "scope", {"headers": ()})), confirmation.how(request, user)
    audit.record("sign_in.done", "person", user.pk, who=Actor(user.tenant_id, user.pk, "sign-in", client), how=how)
    visits.begin(request, user, how)


@receiver(user_logged_out)
def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record("sign_out.done", "person", user.pk)


@receiver(user_login_failed)
def _not_signed_in(credentials: dict[str, Any], **_: Any) -> None:
    known = User.objects.filter(email=str(credentials.get("username", "")).lower()).first()
    # The tenant's operators see who tries their people. An address that nobody here has may be a password typed into the
    # wrong field: it is not kept.
    who = audit.actor()._replace(tenant_id=known.tenant_id) if known else None
    audit.record("sign_in.refused", "person", known.pk if known else "", outcome="refused", who=who, door="password")


@receiver(post_delete, sender=Session)
def _session_ended(instance: Session, **_: Any) -> None:
    live.tell(visits.has_ended(instance.session_key))


@receiver(post_save, sender=Tenant)
def _grant_what_is_open_at_first(instance: Tenant, created: bool, **_: Any) -> None:  # noqa: FBT001  Django's signature
    if created:
        Grant.objects.bulk_create(
            Grant(tenant=instance, action=action, kind=kind.name, target=ALL)
            for kind in kinds.all_kinds()
            if kind.open_at_first
            for action in kind.actions
        )
