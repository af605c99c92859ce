"""The operators' page on the use of tools, and the same as CSV."""

from collections.abc import Iterator

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.operators import csv_files
from accounts.operators.tenant_scope import operator_of
from tools.admin.cells import NAMES
from tools.admin.figures import Counts
from tools.admin.report import PERIODS, Report, report

FIRST = "week"
COLUMNS = (
    "tool", "model", "calls", "people", "succeeded", "failed", "denied", "expired", "unknown", "cached", "asked", "repaired",
    "half", "most", "cost",
)  # fmt: skip
SAID = {"half": "p50_seconds", "most": "p95_seconds", "cost": "cost_usd"}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the use of the tenant's tools in a period, with advice."""
    period = _period(request)
    context = admin.site.each_context(request) | {
        "title": "Use of tools",
        "period": period,
        "columns": NAMES,
        "periods": {name: words for name, (words, _) in PERIODS.items()},
        "report": report(operator_of(request).tenant, period),
    }
    return TemplateResponse(request, "admin/tool_use.html", context)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """Give the same figures as CSV: a line for each tool, and one for each of its models. It is noted in the audit."""
    period = _period(request)
    made = report(operator_of(request).tenant, period)
    audit.record("tool_use.exported", "tool_use", period=period)
    lines = ([getattr(counts, name) for name in COLUMNS] for counts in _lines(made))
    return csv_files.answer(f"tool-use-{period}", [SAID.get(name, name) for name in COLUMNS], lines)


def _period(request: HttpRequest) -> str:
    asked = request.GET.get("period", FIRST)
    return asked if asked in PERIODS else FIRST


def _lines(made: Report) -> Iterator[Counts]:
    for row in made.rows:
        yield row.counts
        yield from row.models


admin.site.add_page("tool-use/", page, "tool_use")  # type: ignore[attr-defined]  # of accounts.operators.site
admin.site.add_page("tool-use/export/", download, "tool_use_export")  # type: ignore[attr-defined]
