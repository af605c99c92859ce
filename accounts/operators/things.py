"""Things as operators choose and read them: by what people call them, among those of the operator's tenant."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminSelect2Widget

from accounts import kinds
from accounts.models import Grant

Things = dict[str, list[kinds.Named]]  # by their kind


class ThingWidget(UnfoldAdminSelect2Widget):  # type: ignore[misc]  # unfold has no types
    """Things to choose from, and a new name where none fits. Whoever chooses one has chosen its kind in the field `kind`."""

    class Media:
        # After all others, whichever order Django puts them in, and before Select2 begins, which waits for the whole page.
        js = (forms.Script("js/picker.js", defer=True),)

    def __init__(self, *, kind: str = "kind") -> None:
        super().__init__({"data-tags": "true", "data-kind": kind})


def of(tenant_id: UUID) -> Things:
    """What there is of each kind."""
    return {kind.name: list(kind.things(tenant_id)) for kind in kinds.all_kinds()}


def to_choose(things: Things, *first: tuple[str, str], named: Iterable[str] = ()) -> list[tuple[str, Any]]:
    """What stands first, then what is named and not among the things, then the things by kind."""
    groups = [(kind, [(one.target, one.label) for one in found]) for kind, found in things.items() if found]
    listed = {target for _, found in groups for target, _ in found} | {target for target, _ in first}
    return [*first, *((name, name) for name in sorted(set(named) - listed - {""})), *groups]


def is_of_another(things: Things, kind: str, target: str) -> str:
    """The kind of which the chosen thing is, where that is another one than was chosen."""
    kinds_of_it = [name for name, found in things.items() if any(one.target == target for one in found)]
    return "" if kind in kinds_of_it else next(iter(kinds_of_it), "")


def called(tenant_id: UUID, kind_name: str, targets: set[str]) -> dict[str, str]:
    """What operators call the things, where their targets say nothing. One query, however many they are."""
    kind = kinds.named(kind_name)
    return kind.labels(tenant_id, targets) if kind and kind.labels else {}


def call(tenant_id: UUID, grants: Iterable[Grant]) -> None:
    """Let the grants say what operators call their things: for a page to show, not for the audit, which names no people."""
    shown = list(grants)
    for kind in {grant.kind for grant in shown}:
        of_kind = [grant for grant in shown if grant.kind == kind]
        names = called(tenant_id, kind, {grant.target for grant in of_kind})
        for grant in of_kind:
            grant.called = names.get(grant.target, "")
