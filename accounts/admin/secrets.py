"""Secrets for operators: to enter and to delete. A stored value is never shown again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.models import Secret
from accounts.operators.base import OperatorPage, PlacedForm
from accounts.vault import store
from accounts.vault.errors import Unfit, VaultError


class SecretForm(PlacedForm):
    """Form for name and value. An empty value keeps the stored one."""

    value = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "off"}),
        help_text="Leave it empty to keep the stored value.",
    )

    class Meta:
        model = Secret
        fields = ("owner", "name")

    def clean(self) -> dict[str, Any]:
        """Check the vault's rules."""
        given = super().clean() or {}
        value = given.get("value", "")
        if value or self.instance._state.adding:  # noqa: SLF001  Django has no other word for it
            try:
                store.check(given.get("name", self.instance.name), value)
            except Unfit as error:
                self.add_error(None, str(error))
        return given


@admin.register(Secret)
class SecretAdmin(OperatorPage):
    """Secrets and their owners."""

    when_empty = "Keys of providers, tools and servers are stored here, encrypted."
    form = SecretForm
    list_display = ("name", "owner", "hint", "changed_at", "used_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email")
    autocomplete_fields = ("owner",)
    ordering = ("name",)
    fields = ("owner", "name", "value", "hint", "created_at", "changed_at", "used_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Secret | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Fix owner and name: the value is bound to both."""
        return ("hint", "created_at", "changed_at", "used_at", *(("owner", "name") if obj else ()))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; if the vault cannot be used, say why."""
        try:
            page: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except VaultError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return page

    def save_model(self, request: HttpRequest, obj: Secret, form: SecretForm, change: bool) -> None:  # noqa: ARG002, FBT001
        """Store the value through the vault, the only place that can encrypt it."""
        value = form.cleaned_data["value"]
        if value:
            obj.pk = store.put(obj.tenant, obj.name, value, obj.owner).pk
