"""Databases for operators: to add, to look whether they answer, and to take away. A stored address is never shown again."""

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.models import Secret
from accounts.operators.base import OperatorPage, PlacedForm
from accounts.operators.tenant_scope import operator_of
from accounts.people import directory
from accounts.vault import store
from accounts.vault.store import VaultError
from tools.builtin.sql import addresses
from tools.builtin.sql.addresses import BadDatabaseAddress
from tools.builtin.sql.databases import examine
from tools.models import SqlDatabase


class SchemasField(forms.CharField):
    """Field for names separated by commas."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """Show a stored list as text."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Read the names."""
        return [name for part in str(value or "").split(",") if (name := part.strip())]


class DatabaseForm(PlacedForm):
    """Form of a database. An empty address keeps the stored one."""

    schemas = SchemasField(required=False, help_text="Schemas that queries may read, separated by commas. Empty: public.")
    address = forms.CharField(
        required=False,
        max_length=2000,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "off"}),
        help_text="postgres://user:password@host:5432/database or sqlite:///folder/file.sqlite. Use a role that can only read. "
        "Leave it empty to keep the stored one.",
    )

    class Meta:
        model = SqlDatabase
        fields = ("name", "kind", "description", "schemas", "enabled")

    def clean(self) -> dict[str, Any]:
        """Check the address with what is known of the operator."""
        given = super().clean() or {}
        try:
            given["place"] = self._place(given)
        except BadDatabaseAddress as error:
            self.add_error("address", str(error))
        return given

    def _place(self, given: dict[str, Any]) -> str:
        """The part of the address that may be shown. Raises BadDatabaseAddress."""
        kind, address = given.get("kind", ""), given.get("address", "")
        if kind == SqlDatabase.Kind.SAMPLE:
            return ""
        if not address and (self.instance.secret is None or "kind" in self.changed_data):
            raise BadDatabaseAddress("Enter the address.")
        is_owner = directory.is_owner(self.operator)
        return addresses.check(kind, address, by_owner=is_owner) if address else self.instance.place


@admin.register(SqlDatabase)
class DatabaseAdmin(OperatorPage):
    """Databases that can be queried. Grants say by whom."""

    audit_kind = "database"
    when_empty = "Add a database, and grant it to people who may query it."
    form = DatabaseForm
    list_display = ("name", "kind", "place", "enabled", "description")
    search_fields = ("name", "description", "place")
    fields = ("name", "kind", "address", "schemas", "description", "enabled")
    readonly_fields = ("place", "created_at")
    ordering = ("name",)

    def get_fields(self, request: HttpRequest, obj: SqlDatabase | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Show of a stored database also where it is, and since when."""
        return (*self.fields, *(("place", "created_at") if obj else ()))

    def save_model(self, request: HttpRequest, obj: SqlDatabase, form: DatabaseForm, change: bool) -> None:  # noqa: FBT001
        """Store the address in the vault, and tell whether the database answers."""
        address = form.cleaned_data["address"]
        obj.place = form.cleaned_data["place"]
        if address and obj.kind != SqlDatabase.Kind.SAMPLE:
            try:
                obj.secret = store.put(obj.tenant, f"database {obj.pk}", address)
            except VaultError as error:
                self.message_user(request, str(error), messages.ERROR)
            obj.by_owner = directory.is_owner(operator_of(request))
        super().save_model(request, obj, form, change)
        found = async_to_sync(examine)(obj)
        self.message_user(request, found.words, messages.SUCCESS if found.answers else messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: SqlDatabase) -> None:
        """Delete the address, too."""
        _forget(obj.secret)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete the addresses, too."""
        for row in queryset:
            _forget(row.secret)
        super().delete_queryset(request, queryset)


def _forget(secret: Secret | None) -> None:
    if secret:
        store.forget(secret)
