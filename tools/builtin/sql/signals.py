"""The sample database of a new tenant, which everyone in it may query until an operator takes it away."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.access import USE
from accounts.models import Grant, Tenant
from tools.builtin.sql.sample import DESCRIPTION, NAME
from tools.models import DATABASE, SqlDatabase


@receiver(post_save, sender=Tenant)
def _add_sample(instance: Tenant, created: bool, **_: Any) -> None:  # noqa: FBT001  Django's signature
    if created:
        kind = SqlDatabase.Kind.SAMPLE
        row = SqlDatabase.objects.create(tenant=instance, name=NAME, kind=kind, description=DESCRIPTION)
        Grant.objects.bulk_create([Grant(tenant=instance, action=USE, kind=DATABASE, target=str(row.pk))])
