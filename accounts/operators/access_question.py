"""Form of the page of effective access: may this person do this with that thing."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminSelectWidget

from accounts.access import OWN, READ, USE, WRITE, Thing, grantable_kinds
from accounts.models import Grant, User
from accounts.models.grants import ALL
from accounts.operators import grant_targets
from accounts.operators.tenant_scope import RowField
from accounts.storage.texts import cleaned, is_clean_json

ACTIONS = ((READ, "read"), (WRITE, "write (and read)"), (USE, "use"), (OWN, "delete or share"))
LONGEST_ARGUMENTS = 10_000


class PersonField(RowField):
    """Field for a person. In a typed address, their email address works as well as their id."""

    default_error_messages = {"invalid_choice": "No one in your tenant has this address."}

    def to_python(self, value: Any) -> Any:
        """Return the person."""
        return super().to_python(self._id(value))

    def prepare_value(self, value: Any) -> Any:
        """Return their id."""
        return super().prepare_value(self._id(value))

    def _id(self, value: Any) -> Any:
        if not isinstance(value, str) or "@" not in value:
            return value
        assert self.queryset is not None  # noqa: S101  for the type checker
        return self.queryset.filter(email=value.strip().lower()).values_list("pk", flat=True).first() or value


class Question(forms.Form):
    """Form sent by GET, so that answers can be linked to. Valid forms have a `thing` and its arguments."""

    person = PersonField(None, widget=AutocompleteSelect(Grant._meta.get_field("person"), admin.site))  # noqa: SLF001
    action = forms.ChoiceField(label="Wants to", choices=ACTIONS, widget=UnfoldAdminSelectWidget())
    kind = forms.ChoiceField(label="Kind of thing", widget=UnfoldAdminSelectWidget())
    target = forms.CharField(
        label="Thing",
        max_length=200,
        required=False,
        widget=grant_targets.ThingWidget(),
        help_text="Type the name of a thing that does not exist yet.",
    )
    arguments = forms.CharField(
        label="With these arguments",
        max_length=LONGEST_ARGUMENTS,
        required=False,
        widget=UnfoldAdminExpandableTextareaWidget({"rows": 2, "spellcheck": "false"}),
        help_text='For a call, as JSON: {"brightness": 90}. Leave it empty to ignore arguments.',
    )

    def __init__(self, asked: Any, *, operator: User) -> None:
        super().__init__(asked, label_suffix="")
        self.operator = operator
        self.thing: Thing | None = None
        self.fields["kind"].choices = [(kind.name, kind.name) for kind in grantable_kinds.all_kinds()]  # type: ignore[attr-defined]
        self.fields["person"].queryset = User.objects.filter(tenant=operator.tenant_id)  # type: ignore[attr-defined]
        self.things = grant_targets.of(operator.tenant_id)
        first, named = ("", "Any without grants of its own"), cleaned(self.data.get("target", ""))
        self.fields["target"].widget.choices = grant_targets.to_choose(self.things, first, named=[named])

    def clean_arguments(self) -> dict[str, Any] | None:
        """Parse a JSON object; None if the field is empty."""
        given = self.cleaned_data["arguments"].strip()
        if not given:
            return None
        try:
            arguments = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(f"This is not valid JSON: {error}.") from error
        if not isinstance(arguments, dict):
            raise forms.ValidationError('Arguments must be an object: {"name": value}.')
        if not is_clean_json(arguments):
            raise forms.ValidationError("These arguments contain a number or a character that JSON does not allow.")
        return arguments

    def clean(self) -> dict[str, Any]:
        """Check that the kind has the action and that the thing exists."""
        given = super().clean() or {}
        kind = grantable_kinds.named(given.get("kind", ""))
        if kind and "person" in given and "action" in given:
            self._check_action(kind, given["action"])
            self._check_kind(kind, given.get("target", "").strip())
            self._find(kind, given["person"].tenant_id, given.get("target", "").strip() or ALL)
        return given

    def _check_action(self, kind: grantable_kinds.Kind, action: str) -> None:
        can = [*kind.actions, *([OWN] if kind.find else [])]
        if action not in can:
            words = " or ".join(label for name, label in ACTIONS if name in can)
            self.add_error("action", f"Choose an action that a {kind.name} has: {words}.")

    def _check_kind(self, kind: grantable_kinds.Kind, target: str) -> None:
        if other := grant_targets.is_of_another(self.things, kind.name, target):
            self.add_error("target", f"This is a {other}. Choose a {kind.name}, or change the kind.")

    def _find(self, kind: grantable_kinds.Kind, tenant_id: UUID, target: str) -> None:
        if target == ALL or kind.find is None:
            self.thing = Thing(kind.name, target, tenant_id)
        else:
            self.thing = kind.find(tenant_id, target)
        if self.thing is None:
            self.add_error("target", f"This {kind.name} does not exist in your tenant.")
