"""Writes what was planned: rows, and keys into the vault. All of it, or nothing."""

from django.db import transaction

from accounts import audit
from accounts.vault import store
from chat.catalogue.importing.plan import Plan, ProviderStep


@transaction.atomic
def write(plan: Plan) -> None:
    """Raises VaultError for a key that cannot be stored, and IntegrityError where the rows changed since they were compared."""
    for step in plan.steps:
        if step.is_new or step.changed:
            _write(plan, step)


def _write(plan: Plan, step: ProviderStep) -> None:
    if step.key:
        step.row.secret = store.put(plan.tenant, f"provider {step.row.pk}", step.key)
    step.row.save()
    for model in step.models:
        if model.is_new or model.changes:
            model.row.provider = step.row
            model.row.save()
    audit.record(f"provider.{'created' if step.is_new else 'changed'}", "provider", step.row.pk, fields=step.changed)
