"""Aliases for operators: a name, and its members in the order in which they are asked."""

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.operators.base import OperatorPage, PlacedForm
from accounts.operators.tenant_scope import operator_of
from chat import catalogue
from chat.access import notices
from chat.catalogue import health
from chat.models import AliasMember, ModelAlias

TAKEN = "A model has this name already. Choose another one: people who chose it would get the model, not the alias."


class AliasForm(PlacedForm):
    """Form of an alias."""

    class Meta:
        model = ModelAlias
        fields = ("name", "patience_seconds", "position", "enabled")

    def clean_name(self) -> str:
        """Refuse the name of a model."""
        name: str = self.cleaned_data["name"].strip()
        models = async_to_sync(catalogue.models)(self.operator.tenant_id)
        if any(model.name == name for model in models if not model.is_alias):
            raise forms.ValidationError(TAKEN)
        return name


class MemberInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """The members of an alias."""

    model = AliasMember
    extra = 2
    fields = ("model", "position")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the tenant's models, and name each field for screen readers."""
        if db_field.name == "model":
            return forms.ChoiceField(
                choices=[("", "—"), *((name, name) for name in _names(request))],
                widget=UnfoldAdminSelectWidget({"aria-label": "Model"}),
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = str(field.label)
        return field


@admin.register(ModelAlias)
class AliasAdmin(OperatorPage):
    """Aliases and their members. Grants say who may use which alias."""

    audit_kind = "alias"
    when_empty = "Add a name for several models: when one of them fails, the next one answers."
    form = AliasForm
    inlines = (MemberInline,)
    list_display = ("name", "models_behind", "state", "patience_seconds", "enabled")
    search_fields = ("name", "members__model")
    fields = ("name", "patience_seconds", "position", "enabled")
    ordering = ("position", "name")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch the members of each with it."""
        return super().get_queryset(request).prefetch_related("members")

    @admin.display(description="models")
    def models_behind(self, alias: ModelAlias) -> str:
        """The names of its members, in the order in which they are asked."""
        return ", ".join(member.model for member in alias.members.all())

    @admin.display(description="state")
    def state(self, alias: ModelAlias) -> str:
        """The trouble of each model that does not answer or does not exist."""
        models = {model.name: model for model in async_to_sync(catalogue.models)(alias.tenant_id)}
        found = health.known_now(models.values())
        names = [member.model for member in alias.members.all()]
        told = [f"{name}: {_trouble(found.get(name))}" for name in names if _trouble(found.get(name))]
        return "; ".join(told) or "No trouble is known"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Tell open pages at once."""
        super().save_related(request, form, formsets, change)
        _changed()

    def delete_model(self, request: HttpRequest, obj: ModelAlias) -> None:
        """Tell open pages at once."""
        super().delete_model(request, obj)
        _changed()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Tell open pages at once."""
        super().delete_queryset(request, queryset)
        _changed()


def _names(request: HttpRequest) -> list[str]:
    """The models that can be members of an alias."""
    models = async_to_sync(catalogue.models)(operator_of(request).tenant_id)
    return [model.name for model in models if not (model.is_alias or model.is_demonstration)]


def _trouble(found: health.Health | None) -> str:
    return "Not offered" if found is None else found.label


def _changed() -> None:
    catalogue.forget()
    notices.models_changed()
