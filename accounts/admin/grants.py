"""Grants and denials: who may what. The page of effective access says what they come to."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest, HttpResponse
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminSelectWidget

from accounts import kinds
from accounts.access import Thing
from accounts.models import Grant
from accounts.models.grants import ALL
from accounts.operators import things
from accounts.operators.filters import YEARS
from accounts.operators.pages import OperatorPage, PlacedForm, yes_or_dash
from accounts.operators.reach import operator_of
from accounts.texts import cleaned


class LimitsField(forms.JSONField):
    """A JSON Schema, with an error that says where the JSON is wrong."""

    widget = UnfoldAdminExpandableTextareaWidget

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was written is shown as it was written: not all that can be read as JSON can be written again, or in UTF-8."""
        return initial if self.disabled or data is None else InvalidJSONInput(cleaned(data))

    def prepare_value(self, value: Any) -> Any:
        """No limits are an empty field."""
        return "" if value in (None, {}) else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """Empty means no limits."""
        try:
            return super().to_python(value) or {}
        except forms.ValidationError as error:
            where = error.__context__
            raise forms.ValidationError(f"This is no JSON: {where}.") from error
        except (ValueError, RecursionError) as error:  # numbers of thousands of digits, thousands of brackets
            raise forms.ValidationError("This JSON is too large.") from error


class GrantForm(PlacedForm):
    """One grant. A kind is one that an app made known."""

    kind = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    target = forms.CharField(
        label="Thing",
        max_length=200,
        initial="",
        widget=things.ThingWidget(),
        help_text="One of the kind, or all. What is not there yet can be written by its name.",
    )
    limits = LimitsField(
        required=False,
        help_text="A JSON Schema that the arguments of a call must fit, such as "
        '<code>{"properties": {"brightness": {"maximum": 80}}}</code>. Empty: none.',
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {kind.name for kind in kinds.all_kinds()} | {self.instance.kind or ""}
        self.fields["kind"].choices = [("", "Select value"), *((name, name) for name in sorted(known - {""}))]  # type: ignore[attr-defined]
        self.things = things.of(self.operator.tenant_id)
        named = (self.instance.target if not self.instance._state.adding else "", self.data.get("target", ""))  # noqa: SLF001
        first = (("", "Select value"), (ALL, "All of the kind"))
        self.fields["target"].widget.choices = things.to_choose(self.things, *first, named=named)

    def clean(self) -> dict[str, Any]:
        """The kind has to know the action."""
        given = super().clean() or self.cleaned_data
        kind, action = kinds.named(given.get("kind", "")), given.get("action")
        if kind and action and action not in kind.actions:
            self.add_error("action", f"What can be granted of a {kind.name}: {', '.join(kind.actions)}.")
        if kind and (other := things.is_of_another(self.things, kind.name, given.get("target", ""))):
            self.add_error("target", f"This is a {other}. Choose a {kind.name}, or change the kind.")
        if kind and kind.find and given.get("effect") == Grant.Effect.ALLOW:
            self._check_owner(kind, kind.find(self.operator.tenant_id, given.get("target", "")))
        return given

    def clean_expires_at(self) -> datetime | None:
        """The end of the last year there is does not exist in every zone."""
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment and moment.year not in YEARS:
            raise forms.ValidationError(f"Choose a year from {YEARS[0]} to {YEARS[-1]}.")
        return moment

    def names_nothing(self) -> bool:
        """Whether the thing is not there: its name may be known before it is, or mistyped."""
        kind, target = kinds.named(self.instance.kind), self.instance.target
        if target == ALL:
            return False
        if kind and kind.find:  # it knows also those that are too many to list
            return kind.find(self.operator.tenant_id, target) is None
        return all(one.target != target for one in self.things.get(self.instance.kind, []))

    def _check_owner(self, kind: kinds.Kind, thing: Thing | None) -> None:
        """What belongs to somebody is theirs to share: an operator could let in themselves."""
        if thing is None:
            self.add_error("target", f"There is no such {kind.name}. Each is shared by itself.")
        elif thing.owner_id not in (None, self.operator.pk):
            self.add_error("target", f"This {kind.name} belongs to somebody else. Only they can share it.")


class GrantList(ChangeList):  # type: ignore[misc]  # unfold has no types
    """A page of grants, with what their things are called looked up at once."""

    def get_results(self, request: HttpRequest) -> None:
        """As Django, and so called."""
        super().get_results(request)
        things.call(operator_of(request).tenant_id, self.result_list)


@admin.register(Grant)
class GrantAdmin(OperatorPage):
    """Who may what: a person, a group or, where neither is chosen, everybody of the tenant."""

    when_empty = "Owners may do everything with what is theirs. A grant lets others do so, too."
    form = GrantForm
    list_display = ("__str__", "effect", "action", "kind", "has_limits", "expires_at")
    list_filter = ("effect", "action", "kind")
    list_select_related = ("person", "group")
    search_fields = ("person__email", "group__name", "kind", "target")
    autocomplete_fields = ("person", "group")
    fieldsets = (
        ("Who", {"fields": ("person", "group"), "description": "Neither of them: everybody of the tenant."}),
        ("May or may not", {"fields": ("effect", "action", "kind", "target")}),
        ("Within", {"fields": ("limits", "expires_at")}),
        ("Made", {"fields": ("created_at", "created_by")}),
    )
    readonly_fields = ("created_at", "created_by")
    ordering = ("-created_at",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DjangoChangeList]:  # noqa: ARG002
        """The one in which things are called as people do."""
        return GrantList

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """So called in the page's head, too."""
        if original := context.get("original"):
            things.call(original.tenant_id, [original])
        page: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return page

    def render_delete_form(self, request: HttpRequest, context: Any) -> HttpResponse:
        """And before it is deleted."""
        things.call(context["object"].tenant_id, [context["object"]])
        page: HttpResponse = super().render_delete_form(request, context)
        return page

    @admin.display(description="limits")
    def has_limits(self, grant: Grant) -> str | None:
        """Whether it has any."""
        return yes_or_dash(grant.limits)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Remember who made it."""
        if not change:
            obj.created_by = operator_of(request)
        super().save_model(request, obj, form, change)
        if form.names_nothing():
            words = f"There is no {obj.kind} “{obj.target}” here yet: until there is, this grant does nothing."
            messages.warning(request, words)
