"""Secrets for operators: to enter and to delete. A value that was entered is never shown again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts import vault
from accounts.models import Secret
from accounts.operators.pages import OperatorPage, PlacedForm
from accounts.sealing.errors import Unfit, VaultError


class SecretForm(PlacedForm):
    """Name and value. An empty value keeps the one that is there."""

    value = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "off"}),
        help_text="Leave it empty to keep it.",
    )

    class Meta:
        model = Secret
        fields = ("owner", "name")

    def clean(self) -> dict[str, Any]:
        """The vault's own rules."""
        given = super().clean() or {}
        value = given.get("value", "")
        if value or self.instance._state.adding:  # noqa: SLF001  Django has no other word for it
            try:
                vault.check(given.get("name", self.instance.name), value)
            except Unfit as error:
                self.add_error(None, str(error))
        return given


@admin.register(Secret)
class SecretAdmin(OperatorPage):
    """Which secrets there are, and whose."""

    when_empty = "Keys of providers, tools and servers are kept here, sealed."
    form = SecretForm
    list_display = ("name", "owner", "hint", "changed_at", "used_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email")
    autocomplete_fields = ("owner",)
    ordering = ("name",)
    fields = ("owner", "name", "value", "hint", "created_at", "changed_at", "used_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Secret | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Whose it is and its name stay: the value is bound to them."""
        return ("hint", "created_at", "changed_at", "used_at", *(("owner", "name") if obj else ()))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; where the vault cannot be used, the operator is told why."""
        try:
            page: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except VaultError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return page

    def save_model(self, request: HttpRequest, obj: Secret, form: SecretForm, change: bool) -> None:  # noqa: ARG002, FBT001
        """Through the vault, which alone can seal."""
        value = form.cleaned_data["value"]
        if value:
            obj.pk = vault.put(obj.tenant, obj.name, value, obj.owner).pk
