"""Common base of the operators' pages: tenant scope, fast lists, and an audit entry for every change."""

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from accounts import audit
from accounts.access import signals
from accounts.models import User
from accounts.operators.paging import BoundedPaginator
from accounts.operators.tenant_scope import Within, could_be, operator_of

# Lookups that Django's and unfold's filters use. Others can break the query, such as an invalid regular expression.
LOOKUPS = ("", "__exact", "__isnull", "__isempty")
RANGES = ("_from_", "_to_")


def yes_or_dash(value: object) -> str | None:
    """Format a column whose usual value is "no": a dash (Django's None) instead of a red cross."""
    return "Yes" if value else None


class PlacedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose new row belongs to the operator's tenant. `operator` is set for each request."""

    operator: ClassVar[User]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and hasattr(self.instance, "tenant_id") and "tenant" not in self.fields:  # noqa: SLF001
            self.instance.tenant = self.operator.tenant

    def _get_validation_exclusions(self) -> set[str]:
        """Validate the tenant, too: names are unique in it, and Django skips what is not a field of the form."""
        return super()._get_validation_exclusions() - {"tenant"}  # type: ignore[misc, no-any-return]


class OperatorPage(Within, ModelAdmin):  # type: ignore[misc]
    """A list with a form. `audit_kind` is the audit's name for such a row."""

    form = PlacedForm
    paginator = BoundedPaginator
    show_full_result_count = False
    list_filter_submit = True
    audit_kind = ""
    when_empty = ""  # text of an empty list
    linked_by: ClassVar[tuple[str, ...]] = ()  # columns that links to the list filter by

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return the form with its operator."""
        made = super().get_form(request, obj, change=change, **kwargs)
        made.operator = operator_of(request)
        return made

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:  # noqa: ARG002
        """Allow only the list's own filters: Django would look into every column, including hidden ones."""
        filters = [one[0] if isinstance(one, tuple) else getattr(one, "parameter_name", one) for one in self.list_filter]
        told = [(name, lookup.removeprefix(name)) for name in (*filters, *self.linked_by) if lookup.startswith(name)]
        return any(how in LOOKUPS or how.startswith(RANGES) for _, how in told)

    def response_action(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        """Refuse invalid ids, with which Django would query the database and fail."""
        if not all(could_be(self.model, one) for one in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise Http404
        answer: HttpResponse | None = super().response_action(request, queryset)
        return answer

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Show only counts: related rows may be private conversations. They are deleted even if no page could delete them."""
        _, counts, _, protected = super().get_deleted_objects(objs, request)
        return [], counts, set(), protected

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # noqa: ARG002
        """Record the creation in the audit instead of Django's own log."""
        self._note(obj, "created")

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # noqa: ARG002
        """Record the changed fields in the audit, without their values."""
        self._note(obj, "changed", fields=_fields(message))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> None:  # noqa: ARG002
        """Record the deletions in the audit."""
        for one in queryset:
            self._note(one, "deleted")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """Show the audit's entries about the row."""
        about = urlencode({"kind": self._kind(), "target": object_id})
        return redirect(f"{reverse('admin:accounts_auditentry_changelist')}?{about}")

    def _kind(self) -> str:
        return self.audit_kind or str(self.model._meta.model_name)  # noqa: SLF001

    def _note(self, row: Model, done: str, **detail: Any) -> None:
        """Record a change, unless it is one of rights, which accounts.access.signals records everywhere."""
        if type(row) not in signals.WHOSE:
            audit.record(f"{self._kind()}.{done}", self._kind(), row.pk, **detail)


def _fields(message: Any) -> list[str]:
    told = message if isinstance(message, list) else []
    return [name for part in told for name in part.get("changed", {}).get("fields", [])]


class ReadingPage(OperatorPage):
    """Shows rows and allows no changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Allow no additions."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Allow no changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Allow no deletions."""
        return False
