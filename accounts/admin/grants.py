"""Grants and denials. The page "effective access" shows their combined result."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest, HttpResponse
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminSelectWidget

from accounts.access import Thing, grantable_kinds
from accounts.models import Grant
from accounts.models.grants import ALL
from accounts.operators import grant_targets
from accounts.operators.base import OperatorPage, PlacedForm, yes_or_dash
from accounts.operators.filters import YEARS
from accounts.operators.tenant_scope import operator_of
from accounts.storage.texts import cleaned


class LimitsField(forms.JSONField):
    """A JSON Schema, with an error message that points at the mistake."""

    widget = UnfoldAdminExpandableTextareaWidget

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show the input as it was typed: some readable JSON cannot be serialized again, or not as UTF-8."""
        return initial if self.disabled or data is None else InvalidJSONInput(cleaned(data))

    def prepare_value(self, value: Any) -> Any:
        """Show an empty field for no limits."""
        return "" if value in (None, {}) else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """Read an empty field as no limits."""
        try:
            return super().to_python(value) or {}
        except forms.ValidationError as error:
            where = error.__context__
            raise forms.ValidationError(f"This is not valid JSON: {where}.") from error
        except (ValueError, RecursionError) as error:  # numbers with thousands of digits, thousands of brackets
            raise forms.ValidationError("This JSON is too large.") from error


class GrantForm(PlacedForm):
    """Form for one grant. Its kind is one that an app registered."""

    kind = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    target = forms.CharField(
        label="Thing",
        max_length=200,
        initial="",
        widget=grant_targets.ThingWidget(),
        help_text="One thing of this kind, or all of them. Type the name of one that does not exist yet.",
    )
    limits = LimitsField(
        required=False,
        help_text="A JSON Schema that the arguments of a call must match, such as "
        '<code>{"properties": {"brightness": {"maximum": 80}}}</code>. Leave it empty for no limits.',
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {kind.name for kind in grantable_kinds.all_kinds()} | {self.instance.kind or ""}
        self.fields["kind"].choices = [("", "Select value"), *((name, name) for name in sorted(known - {""}))]  # type: ignore[attr-defined]
        self.things = grant_targets.of(self.operator.tenant_id)
        named = (self.instance.target if not self.instance._state.adding else "", self.data.get("target", ""))  # noqa: SLF001
        first = (("", "Select value"), (ALL, "All of the kind"))
        self.fields["target"].widget.choices = grant_targets.to_choose(self.things, *first, named=named)

    def clean(self) -> dict[str, Any]:
        """Check that the action belongs to the kind."""
        given = super().clean() or self.cleaned_data
        kind, action = grantable_kinds.named(given.get("kind", "")), given.get("action")
        if kind and action and action not in kind.actions:
            self.add_error("action", f"Choose an action that a {kind.name} has: {', '.join(kind.actions)}.")
        if kind and (other := grant_targets.is_of_another(self.things, kind.name, given.get("target", ""))):
            self.add_error("target", f"This is a {other}. Choose a {kind.name}, or change the kind.")
        if kind and kind.find and given.get("effect") == Grant.Effect.ALLOW:
            self._check_owner(kind, kind.find(self.operator.tenant_id, given.get("target", "")))
        return given

    def clean_expires_at(self) -> datetime | None:
        """Limit the year: the last moment of year 9999 does not exist in every time zone."""
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment and moment.year not in YEARS:
            raise forms.ValidationError(f"Choose a year from {YEARS[0]} to {YEARS[-1]}.")
        return moment

    def names_nothing(self) -> bool:
        """Check whether the named thing is missing: it may not exist yet, or the name may be mistyped."""
        kind, target = grantable_kinds.named(self.instance.kind), self.instance.target
        if target == ALL:
            return False
        if kind and kind.find:  # also finds things that are too many to list
            return kind.find(self.operator.tenant_id, target) is None
        return all(one.target != target for one in self.things.get(self.instance.kind, []))

    def _check_owner(self, kind: grantable_kinds.Kind, thing: Thing | None) -> None:
        """Refuse to share another person's thing: otherwise an operator could grant themselves access."""
        if thing is None:
            self.add_error("target", f"This {kind.name} does not exist. Name an existing one: each is shared on its own.")
        elif thing.owner_id not in (None, self.operator.pk):
            self.add_error("target", f"This {kind.name} belongs to another person. Only they can share it.")


class GrantList(ChangeList):  # type: ignore[misc]  # unfold has no types
    """A page of grants with the names of their things, looked up in one query."""

    def get_results(self, request: HttpRequest) -> None:
        """Add the names to the page."""
        super().get_results(request)
        grant_targets.call(operator_of(request).tenant_id, self.result_list)


@admin.register(Grant)
class GrantAdmin(OperatorPage):
    """Grants to a person, a group or, where neither is chosen, everyone in the tenant."""

    when_empty = "Owners may do everything with their own things. A grant lets other people use them, too."
    form = GrantForm
    list_display = ("__str__", "effect", "action", "kind", "has_limits", "expires_at")
    list_filter = ("effect", "action", "kind")
    list_select_related = ("person", "group")
    search_fields = ("person__email", "group__name", "kind", "target")
    autocomplete_fields = ("person", "group")
    fieldsets = (
        ("Who", {"fields": ("person", "group"), "description": "Choose neither for everyone in the tenant."}),
        ("May or may not", {"fields": ("effect", "action", "kind", "target")}),
        ("Within", {"fields": ("limits", "expires_at")}),
        ("Created", {"fields": ("created_at", "created_by")}),
    )
    readonly_fields = ("created_at", "created_by")
    ordering = ("-created_at",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DjangoChangeList]:  # noqa: ARG002
        """Return the list with names."""
        return GrantList

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the thing's name in the page header, too."""
        if original := context.get("original"):
            grant_targets.call(original.tenant_id, [original])
        page: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return page

    def render_delete_form(self, request: HttpRequest, context: Any) -> HttpResponse:
        """Show the thing's name before it is deleted."""
        grant_targets.call(context["object"].tenant_id, [context["object"]])
        page: HttpResponse = super().render_delete_form(request, context)
        return page

    @admin.display(description="limits")
    def has_limits(self, grant: Grant) -> str | None:
        """Mark grants that have limits."""
        return yes_or_dash(grant.limits)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Store the operator who created it."""
        if not change:
            obj.created_by = operator_of(request)
        super().save_model(request, obj, form, change)
        if form.names_nothing():
            words = f"The {obj.kind} “{obj.target}” does not exist yet. This grant has no effect until it does."
            messages.warning(request, words)
