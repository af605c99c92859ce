"""Things that operators choose for grants, under the names people use, from the operator's tenant."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminSelect2Widget

from accounts.access import grantable_kinds
from accounts.models import Grant

Things = dict[str, list[grantable_kinds.Named]]  # by their kind


class ThingWidget(UnfoldAdminSelect2Widget):  # type: ignore[misc]  # unfold has no types
    """Select box of things that also accepts a new name. Choosing a thing sets its kind in the field `kind`."""

    class Media:
        # After all other scripts, in any order Django gives them, and before Select2, which starts once the page has loaded.
        js = (forms.Script("js/admin/picker.js", defer=True),)

    def __init__(self, *, kind: str = "kind") -> None:
        super().__init__({"data-tags": "true", "data-kind": kind})


def of(tenant_id: UUID) -> Things:
    """List the things of each kind."""
    return {kind.name: list(kind.things(tenant_id)) for kind in grantable_kinds.all_kinds()}


def to_choose(things: Things, *first: tuple[str, str], named: Iterable[str] = ()) -> list[tuple[str, Any]]:
    """Build the choices: the fixed ones, then named targets that are not listed, then the things by kind."""
    groups = [(kind, [(one.target, one.label) for one in found]) for kind, found in things.items() if found]
    listed = {target for _, found in groups for target, _ in found} | {target for target, _ in first}
    return [*first, *((name, name) for name in sorted(set(named) - listed - {""})), *groups]


def is_of_another(things: Things, kind: str, target: str) -> str:
    """Return the chosen thing's kind if it differs from the chosen kind, otherwise an empty string."""
    kinds_of_it = [name for name, found in things.items() if any(one.target == target for one in found)]
    return "" if kind in kinds_of_it else next(iter(kinds_of_it), "")


def called(tenant_id: UUID, kind_name: str, targets: set[str]) -> dict[str, str]:
    """Look up names for targets that mean nothing to people, in one query."""
    kind = grantable_kinds.named(kind_name)
    return kind.labels(tenant_id, targets) if kind and kind.labels else {}


def call(tenant_id: UUID, grants: Iterable[Grant]) -> None:
    """Add the things' names to the grants: for a page, not for the audit, which contains no personal data."""
    shown = list(grants)
    for kind in {grant.kind for grant in shown}:
        of_kind = [grant for grant in shown if grant.kind == kind]
        names = called(tenant_id, kind, {grant.target for grant in of_kind})
        for grant in of_kind:
            grant.called = names.get(grant.target, "")
