"""The audit for operators: search, filter and export. Entries cannot be changed."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from unfold.contrib.filters.admin import DropdownFilter
from unfold.views import ChangeList

from accounts import audit
from accounts.audit import action_names, export
from accounts.doors import audit_api
from accounts.models import AuditEntry, User
from accounts.operators.base import ReadingPage
from accounts.operators.filters import TimeFilter
from accounts.operators.tenant_scope import operator_of
from accounts.storage.texts import as_uuid

DOORS = ("session", "proxy", "token", "oauth", "sign-in", "command", "nobody", "galaxy")


class ActionFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    """Filter by action, among those that were recorded."""

    title = parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """List the recorded actions without reading every row."""
        return [(action, action) for action in action_names.actions_of(audit_api.tenants_of(operator_of(request)))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[AuditEntry]") -> "QuerySet[AuditEntry]":  # noqa: ARG002
        """Select entries of the chosen action."""
        return queryset.filter(action=self.value()) if self.value() else queryset


class OutcomeFilter(DropdownFilter):  # type: ignore[misc]
    """Filter by outcome."""

    title = parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """List all outcomes."""
        return [(outcome, outcome) for outcome in ("ok", "refused", "failed")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[AuditEntry]") -> "QuerySet[AuditEntry]":  # noqa: ARG002
        """Select entries with the chosen outcome."""
        return queryset.filter(outcome=self.value()) if self.value() else queryset


class DoorFilter(DropdownFilter):  # type: ignore[misc]
    """Filter by the way in: session, token, command and so on."""

    title = parameter_name = "door"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """List the possible first words of an entry's `via`."""
        return [(door, door) for door in DOORS]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[AuditEntry]") -> "QuerySet[AuditEntry]":  # noqa: ARG002
        """Select `token` and `token 0192…` alike."""
        door = self.value()
        return queryset.filter(Q(via=door) | Q(via__startswith=f"{door} ")) if door else queryset


class AuditList(ChangeList):  # type: ignore[misc]
    """A page of entries with people's email addresses, looked up in one query; the audit stores ids alone."""

    def get_results(self, request: HttpRequest) -> None:
        """Add the addresses to the page."""
        super().get_results(request)
        ids = {found for entry in self.result_list if (found := as_uuid(entry.person))}
        known = User.objects.filter(pk__in=ids, tenant=operator_of(request).tenant_id)
        names = {str(pk): email for pk, email in known.values_list("pk", "email")}
        for entry in self.result_list:
            entry.who = names.get(entry.person, entry.person)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadingPage):
    """Entries of the tenant, newest first."""

    when_empty = "What people do and what Galaxy decides appears here within seconds."
    list_display = ("moment", "action", "person_named", "thing", "outcome", "via", "milliseconds")
    list_display_links = ("moment",)
    list_filter = (("at", TimeFilter), ActionFilter, OutcomeFilter, DoorFilter)
    search_fields = ("action",)
    search_help_text = "Address or id of a person, action, kind, thing, correlation"
    list_before_template = "admin/audit_export.html"
    fields = (
        "seq", "moment", "action", "outcome", "person", "via", "client", "kind", "target", "milliseconds", "correlation",
        "told", "tenant", "link",
    )  # fmt: skip
    readonly_fields = ("moment", "told", "link")
    ordering = ("-seq",)
    linked_by = ("kind", "target")
    actions = ("export_chosen",)

    def within(self, request: HttpRequest, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Select the same entries as the REST API does."""
        return rows.filter(tenant__in=audit_api.tenants_of(operator_of(request)))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DjangoChangeList]:  # noqa: ARG002
        """Return the list with addresses."""
        return AuditList

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Narrow the search with each word, by its form. Only exact values and prefixes are matched, which have indexes."""
        for word in search_term.split():
            queryset = queryset.filter(_matches(word, operator_of(request)))
        return queryset, False

    def get_urls(self) -> list[URLPattern]:
        """Add the address that exports the list."""
        site = self.admin_site
        return [path("export/", site.admin_view(self.export_list), name="accounts_auditentry_export"), *super().get_urls()]

    def export_list(self, request: HttpRequest) -> HttpResponseBase:
        """Export the filtered list, all pages."""
        return _download(request, self.get_changelist_instance(request).get_queryset(request))

    @admin.action(description="Export as JSON lines")
    def export_chosen(self, request: HttpRequest, queryset: "QuerySet[AuditEntry]") -> HttpResponseBase:
        """Export the selected entries, or the whole list."""
        return _download(request, queryset)

    @admin.display(description="at", ordering="seq")
    def moment(self, entry: AuditEntry) -> str:
        """Format the time to the second; sorting follows the chain's order."""
        return date_format(timezone.localtime(entry.at), "j M Y, H:i:s")

    @admin.display(description="person", ordering="person")
    def person_named(self, entry: Any) -> str:
        """Return the person's current email address, or the way in if there was no person."""
        return str(getattr(entry, "who", entry.person)) or entry.via

    @admin.display(description="thing")
    def thing(self, entry: AuditEntry) -> str:
        """Name the thing acted on."""
        return f"{entry.kind} {entry.target}".strip()

    @admin.display(description="detail")
    def told(self, entry: AuditEntry) -> str:
        """Format the JSON for reading."""
        return json.dumps(json.loads(entry.detail), indent=1, ensure_ascii=False) if entry.detail else ""

    @admin.display(description="link in the chain")
    def link(self, entry: AuditEntry) -> str:
        """Return the entry's digest in hexadecimal."""
        return bytes(entry.digest).hex()


def _matches(word: str, operator: User) -> Q:
    if as_uuid(word):
        return Q(person=word) | Q(target=word) | Q(correlation=word)
    if "@" in word:
        known = User.objects.filter(tenant=operator.tenant_id, email__istartswith=word).values_list("pk", flat=True)
        ids = [str(pk) for pk in known]
        return Q(person__in=ids) | Q(kind="person", target__in=ids) | Q(target=word)
    return Q(action__startswith=word) | Q(kind=word) | Q(target=word) | Q(correlation=word)


def _download(request: HttpRequest, entries: "QuerySet[AuditEntry]") -> HttpResponseBase:
    # A search term may be a person's email address, which no entry may contain.
    audit.record("audit.exported", "audit", filters=sorted(name for name in request.GET if name != "q"))
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(export.stream(entries), content_type="application/jsonl", headers=headers)
