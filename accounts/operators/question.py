"""The question that the page of effective access answers: whether a person may do something with a thing."""

import json
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import kinds
from accounts.access import OWN, READ, USE, WRITE, Thing
from accounts.models import User
from accounts.models.grants import ALL
from accounts.texts import is_clean_json

ACTIONS = ((READ, "read"), (WRITE, "write (and read)"), (USE, "use"), (OWN, "delete or share"))
LONGEST_ARGUMENTS = 10_000


class Question(forms.Form):
    """Asked by GET, so that an answer can be linked to. `thing` and `given` are there once it is valid."""

    person = forms.CharField(
        max_length=254, widget=UnfoldAdminTextInputWidget({"list": "people", "autocomplete": "off"}), help_text="An address."
    )
    action = forms.ChoiceField(label="Wants to", choices=ACTIONS, widget=UnfoldAdminSelectWidget())
    kind = forms.ChoiceField(label="Kind of thing", widget=UnfoldAdminSelectWidget({"data-lists": "things-"}))
    target = forms.CharField(
        label="Thing",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text="Its name or id, as a grant names it. Empty: any of the kind that has no grants of its own.",
    )
    arguments = forms.CharField(
        label="With these arguments",
        max_length=LONGEST_ARGUMENTS,
        required=False,
        widget=UnfoldAdminExpandableTextareaWidget({"rows": 2, "spellcheck": "false"}),
        help_text='For a call, as JSON: {"brightness": 90}. Empty: not asked about.',
    )

    def __init__(self, asked: Any, *, operator: User) -> None:
        super().__init__(asked, label_suffix="")
        self.operator = operator
        self.thing: Thing | None = None
        self.fields["kind"].choices = [(kind.name, kind.name) for kind in kinds.all_kinds()]  # type: ignore[attr-defined]
        chosen = self.data.get("kind") or next((kind.name for kind in kinds.all_kinds()), "")
        self.fields["target"].widget.attrs["list"] = f"things-{chosen}"

    def clean_person(self) -> User:
        """A person of the operator's tenant."""
        found = User.objects.filter(tenant=self.operator.tenant_id)
        given = self.cleaned_data["person"].strip()
        person_id = as_uuid(given)
        person = (found.filter(pk=person_id) if person_id else found.filter(email=given.lower())).first()
        if person is None:
            raise forms.ValidationError("Nobody in your tenant has this address.")
        return person

    def clean_arguments(self) -> dict[str, Any] | None:
        """A JSON object; None where nothing was given."""
        given = self.cleaned_data["arguments"].strip()
        if not given:
            return None
        try:
            arguments = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(f"This is no JSON: {error}.") from error
        if not isinstance(arguments, dict):
            raise forms.ValidationError('Arguments are an object: {"name": value}.')
        if not is_clean_json(arguments):
            raise forms.ValidationError("These arguments hold a number or a character that JSON does not have.")
        return arguments

    def clean(self) -> dict[str, Any]:
        """The kind knows the action, and the thing is there."""
        given = super().clean() or {}
        kind = kinds.named(given.get("kind", ""))
        if kind and "person" in given and "action" in given:
            self._check_action(kind, given["action"])
            self._find(kind, given["person"].tenant_id, given.get("target", "").strip() or ALL)
        return given

    def _check_action(self, kind: kinds.Kind, action: str) -> None:
        can = [*kind.actions, *([OWN] if kind.find else [])]
        if action not in can:
            words = " or ".join(label for name, label in ACTIONS if name in can)
            self.add_error("action", f"What one can do with a {kind.name} is to {words}.")

    def _find(self, kind: kinds.Kind, tenant_id: UUID, target: str) -> None:
        if target == ALL or kind.find is None:
            self.thing = Thing(kind.name, target, tenant_id)
        else:
            self.thing = kind.find(tenant_id, target)
        if self.thing is None:
            self.add_error("target", f"There is no such {kind.name} in your tenant.")


def as_uuid(text: str) -> UUID | None:
    """The id that the text is; None for one that is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
