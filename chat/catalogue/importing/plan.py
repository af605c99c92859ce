"""Compares what a list asks for with the rows of a tenant. Nothing is written here: rows are made and changed in memory."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError

from accounts.models import Tenant
from accounts.vault import store
from accounts.vault.store import VaultError
from chat.catalogue.importing.wanted import Wanted, WantedModel, WantedProvider, free_name
from chat.models import ModelProvider, ProviderModel
from chat.providers.known.llms_file import Unavailable


class Change(NamedTuple):
    """A field before and after; of a key, only that it is another one."""

    field: str
    before: str = ""
    after: str = ""


class ModelStep(NamedTuple):
    """A model's row as it shall be, and its fields that change."""

    row: ProviderModel
    changes: list[Change]
    is_new: bool


class ProviderStep(NamedTuple):
    """The same for a provider with its models. `key` is the one to store, empty to keep what there is."""

    row: ModelProvider
    changes: list[Change]
    is_new: bool
    key: str
    models: list[ModelStep]
    others: list[str]  # models that the list does not name: they stay

    @property
    def changed(self) -> list[str]:
        """The names of what changes, for the audit."""
        is_other = any(model.is_new or model.changes for model in self.models)
        return [*(change.field for change in self.changes), *(["models"] if is_other else [])]

    def __repr__(self) -> str:
        return f"ProviderStep({self.row})"  # never the key


class Plan(NamedTuple):
    """Steps from the rows of a tenant to what a list asks for."""

    tenant: Tenant
    steps: list[ProviderStep]
    others: list[str]  # providers that the list does not name: they stay
    left_out: list[Unavailable]

    @property
    def changes_nothing(self) -> bool:
        """True if all rows are already as the list has them."""
        return not any(step.is_new or step.changed for step in self.steps)


class _Row(NamedTuple):
    provider: ModelProvider
    key: str


def plan(tenant: Tenant, asked: Wanted) -> Plan:
    """Compare with the tenant's rows. A row's own name stays: operators may have given it another one."""
    rows = [_Row(row, _key(row)) for row in ModelProvider.objects.filter(tenant=tenant).select_related("secret").order_by("pk")]
    taken = {row.provider.name for row in rows}
    steps: list[ProviderStep] = []
    left_out = list(asked.left_out)
    for one, found in zip(asked.providers, _matched(asked.providers, rows), strict=True):
        row = found or _Row(ModelProvider(tenant=tenant, name=free_name(one.name, taken)), "")
        taken.add(row.provider.name)
        step = _step(one, row, left_out)
        steps += [step] if step.models else []
    named = {step.row.pk for step in steps}
    return Plan(tenant, steps, [row.provider.name for row in rows if row.provider.pk not in named], left_out)


def _key(row: ModelProvider) -> str:
    """The stored key; empty where there is none that can be read."""
    try:
        return store.reveal(row.secret) if row.secret else ""
    except VaultError:
        return ""


def _has_place(row: _Row, one: WantedProvider) -> bool:
    return (row.provider.kind, row.provider.base_url) == (one.kind, one.base_url) and one.key in {row.key, ""}


def _has_name(row: _Row, one: WantedProvider) -> bool:
    return (row.provider.kind, row.provider.name) == (one.kind, one.name)


def _matched(providers: Sequence[WantedProvider], rows: Sequence[_Row]) -> list[_Row | None]:
    """The row of each provider: the one at its address with its key, otherwise the one with its name."""
    left = list(rows)
    found: dict[int, _Row] = {}
    fits: Callable[[_Row, WantedProvider], bool]
    for fits in (_has_place, _has_name):
        for index, one in enumerate(providers):
            row = next((row for row in left if fits(row, one)), None)
            if index not in found and row:
                found[index] = row
                left.remove(row)
    return [found.get(index) for index in range(len(providers))]


def _step(one: WantedProvider, row: _Row, left_out: list[Unavailable]) -> ProviderStep:
    provider, is_new = row.provider, row.provider._state.adding  # noqa: SLF001
    changes = _set(provider, kind=one.kind, base_url=one.base_url)
    key = one.key if one.key != row.key else ""
    known: dict[str, ProviderModel] = {} if is_new else {model.name: model for model in provider.models.all()}
    models = []
    for model in one.models:
        try:
            provider.full_clean(exclude=["tenant"])
            models.append(_model_step(model, known.pop(model.config.name, ProviderModel(name=model.config.name))))
        except ValidationError as error:
            left_out.append(Unavailable(model.config.name, " ".join(error.messages)))
    return ProviderStep(provider, [*changes, *([Change("key")] if key else [])], is_new, key, models, list(known))


def _model_step(model: WantedModel, row: ProviderModel) -> ModelStep:
    """Raises ValidationError for a model that cannot be a row."""
    is_new, config = row._state.adding, model.config  # noqa: SLF001
    switches = {"system_role": config.system_role, "takes_tools": config.tools}
    changes = _set(row, model=config.model, position=model.position, **switches)
    row.full_clean(exclude=["provider"])
    return ModelStep(row, changes, is_new)


def _set(row: ModelProvider | ProviderModel, **values: object) -> list[Change]:
    """Give the row these values; tell those that are other ones now."""
    changes = []
    for name, value in values.items():
        if (before := getattr(row, name)) != value:
            changes.append(Change(_label(row, name), str(before), str(value)))
            setattr(row, name, value)
    return changes


def _label(row: ModelProvider | ProviderModel, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # noqa: SLF001  its own field, never a relation
