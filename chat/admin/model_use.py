"""The operators' page on the use of models by everyone in the tenant, and its CSV file."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.operators import csv_files
from accounts.operators.base import ReadingPage
from accounts.operators.filters import TimeFilter
from accounts.operators.tenant_scope import operator_of
from accounts.people import clock
from chat.models import ModelCall
from chat.pages.usage import report
from chat.pages.usage.figures import Use

COLUMNS = (
    "what", "name", "provider", "requests", "failed", "prompt_tokens", "cached_tokens", "answer_tokens", "cost_usd",
    "without_price", "first_token_p50_seconds", "first_token_p95_seconds",
)  # fmt: skip


@admin.register(ModelCall)
class ModelCallAdmin(ReadingPage):
    """One line for each request to a model."""

    when_empty = "A line appears here when a model has answered."
    list_display = (
        "at",
        "person",
        "model",
        "purpose",
        "prompt_tokens",
        "cached_tokens",
        "completion_tokens",
        "price",
        "outcome",
    )
    list_filter = (("at", TimeFilter), "purpose")
    list_select_related = ("person",)
    search_fields = ("person__email", "=model", "=provider", "=outcome")
    fields = (
        "at", "person", "token", "run", "purpose", "model", "provider", "prompt_tokens", "cached_tokens", "completion_tokens",
        "price", "first_token", "took", "outcome",
    )  # fmt: skip
    readonly_fields = ("price",)
    ordering = ("-at",)

    @admin.display(description="cost", ordering="cost", empty_value="not known")
    def price(self, call: ModelCall) -> str | None:
        """Format the cost in US dollars with all its digits."""
        return None if call.cost is None else f"${call.cost.normalize():f}"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the use of the tenant's models in a period: by day, by model, by person."""
    made = _report(request)
    context = admin.site.each_context(request) | {
        "title": "Use of models",
        "periods": [(name, words) for name, (words, _) in report.PERIODS.items()],
        "report": made,
    }
    return TemplateResponse(request, "admin/model_use.html", context)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """Give the same figures as CSV: a line for each model, and one for each person. The audit records the download."""
    made = _report(request)
    audit.record("model_use.exported", "model_use", period=made.period)
    lines = [_line("model", use) for use in made.models] + [_line("person", use) for use in made.people]
    return csv_files.answer(f"model-use-{made.period}", COLUMNS, lines)


def _report(request: HttpRequest) -> report.Report:
    period = report.known(request.GET.get("period", ""))
    return report.of_tenant(operator_of(request).tenant_id, period, clock.zone_of(request))


def _line(what: str, use: Use) -> list[Any]:
    sums = use.sums
    counts = [sums.calls, sums.failed, sums.prompt_tokens, sums.cached_tokens, sums.completion_tokens, sums.cost, sums.unpriced]
    return [what, use.name, use.provider, *counts, use.half, use.most]


admin.site.add_page("model-use/", page, "model_use")  # type: ignore[attr-defined]  # of accounts.operators.site
admin.site.add_page("model-use/export/", download, "model_use_export")  # type: ignore[attr-defined]
