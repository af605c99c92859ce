"""Providers for operators: to add with their models, to try, and to take away. A stored key is never shown again."""

from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import Secret
from accounts.operators.base import OperatorPage
from accounts.vault import store
from accounts.vault.store import VaultError
from chat import catalogue
from chat.access import notices
from chat.admin.provider_form import ProviderForm
from chat.catalogue import health
from chat.catalogue.set_up import config_of
from chat.models import ModelProvider, ProviderModel

MOST_TRIED = 5  # of one provider at once
MOST_NAMED = 12


class ModelInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """The models of a provider."""

    model = ProviderModel
    extra = 1
    fields = ("name", "model", "position", "system_role", "takes_tools", "context_window", "max_output", "enabled")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name each field for screen readers: in a table, only the column's head says what it is."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = str(field.label)
        return field


@admin.register(ModelProvider)
class ProviderAdmin(OperatorPage):
    """Providers and their models. Grants say who may use which."""

    audit_kind = "provider"
    when_empty = "Add a provider with its key, and the models that people may choose."
    form = ProviderForm
    inlines = (ModelInline,)
    list_display = ("name", "kind", "base_url", "models_of_it", "state", "enabled")
    search_fields = ("name", "base_url")
    fields = ("name", "kind", "base_url", "secret_key", "enabled")
    readonly_fields = ("created_at",)
    ordering = ("name",)
    actions = ("try_them",)

    @admin.display(description="models")
    def models_of_it(self, provider: ModelProvider) -> str:
        """The names of its models."""
        names = [model.name for model in provider.models.all()]
        return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")

    @admin.display(description="state")
    def state(self, provider: ModelProvider) -> str:
        """The trouble of each model that does not answer."""
        offered = async_to_sync(catalogue.set_up)(provider.tenant_id)
        own = [offer.model for offer in offered if offer.provider == provider.name]
        told = [f"{name}: {found.reason}" for name, found in health.known_now(own).items() if found.is_down]
        return " ".join(told) or "No trouble is known"

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the models of each."""
        return super().get_queryset(request).prefetch_related("models")

    def save_model(self, request: HttpRequest, obj: ModelProvider, form: ProviderForm, change: bool) -> None:  # noqa: FBT001
        """Store the key in the vault."""
        if key := form.cleaned_data["secret_key"]:
            try:
                obj.secret = store.put(obj.tenant, f"provider {obj.pk}", key)
            except VaultError as error:
                self.message_user(request, str(error), messages.ERROR)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Say at once what works: people are offered the models with the next look at the list."""
        super().save_related(request, form, formsets, change)
        _changed()
        self._try(request, form.instance)

    @admin.action(description="Try the chosen providers")
    def try_them(self, request: HttpRequest, queryset: Any) -> None:
        """Ask models of each for a word."""
        for provider in queryset:
            self._try(request, provider)

    def delete_model(self, request: HttpRequest, obj: ModelProvider) -> None:
        """Delete the key, too."""
        _forget(obj.secret)
        super().delete_model(request, obj)
        _changed()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete the keys, too."""
        for row in queryset:
            _forget(row.secret)
        super().delete_queryset(request, queryset)
        _changed()

    def _try(self, request: HttpRequest, provider: ModelProvider) -> None:
        from chat.catalogue import trying  # noqa: PLC0415  with an HTTP client of 10 MB: most web processes never try one

        try:
            key = store.reveal(provider.secret) if provider.secret else ""
        except VaultError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        rows = list(provider.models.filter(enabled=True).select_related("provider")[:MOST_TRIED])
        for row in rows:
            tried = async_to_sync(trying.try_model)(config_of(row, key))
            self.message_user(request, tried.words, messages.SUCCESS if tried.works else messages.WARNING)
        if not rows:
            self._name_models(request, provider, key)

    def _name_models(self, request: HttpRequest, provider: ModelProvider, key: str) -> None:
        from chat.catalogue import trying  # noqa: PLC0415  as above

        names = async_to_sync(trying.models_of)(provider.kind, provider.base_url, key)
        if not names:
            self.message_user(
                request,
                f"{provider} does not list its models. Check the key and the address, or add models by name.",
                messages.WARNING,
            )
            return
        more = f", and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        told = f"{provider} answers. Add some of its models: {', '.join(names[:MOST_NAMED])}{more}."
        self.message_user(request, told, messages.SUCCESS)


def _changed() -> None:
    catalogue.forget()
    notices.models_changed()


def _forget(secret: Secret | None) -> None:
    if secret:
        store.forget(secret)
