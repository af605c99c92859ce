"""The report on the use of tools: every tool of a tenant with its figures and the advice about it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from accounts.models import Tenant
from tools import access, registry
from tools.admin import advice, figures
from tools.admin.advice import Use
from tools.admin.cells import Cell, cells
from tools.admin.figures import Counts
from tools.models import ToolSetting
from tools.specs import Risk, Tool

ASKS = ToolSetting.Ask
PERIODS: dict[str, tuple[str, timedelta | None]] = {
    "day": ("24 hours", timedelta(days=1)),
    "week": ("7 days", timedelta(days=7)),
    "month": ("30 days", timedelta(days=30)),
    "all": ("All time", None),
}


class Row(NamedTuple):
    """A tool with its use, and the advice about it."""

    title: str
    counts: Counts
    models: list[Counts]
    is_on: bool
    is_known: bool  # False: it is not offered any more, and was called
    advice: list[str]

    @property
    def cells(self) -> list[Cell]:
        """Its figures as a table shows them."""
        return cells(self.counts)


class Report(NamedTuple):
    """All tools, the busiest first, and the sums."""

    rows: list[Row]
    calls: int
    failed: int
    cost: float

    @property
    def called(self) -> list[Row]:
        """Those that were called."""
        return [row for row in self.rows if row.counts.calls]

    @property
    def uncalled(self) -> list[Row]:
        """Those that were not."""
        return [row for row in self.rows if not row.counts.calls]

    @property
    def advised(self) -> list[Row]:
        """Those about which there is advice."""
        return [row for row in self.rows if row.advice]


class _Sources(NamedTuple):
    """All that is read for a report, by tool."""

    names: Collection[str]
    counts: Mapping[str, Counts]
    models: Mapping[str, list[Counts]]
    errors: Mapping[str, str]
    last: Mapping[str, datetime]
    settings: Mapping[str, ToolSetting]
    begun: datetime  # when the tenant was created


def report(tenant: Tenant, period: str) -> Report:
    """The report on a tenant's tools in one of the periods."""
    length = PERIODS[period][1]
    since = timezone.now() - length if length else None
    read = _read(tenant, since)
    cost = sum(one.cost for one in read.counts.values())
    rows = sorted((_row(name, read, cost) for name in read.names), key=lambda row: (-row.counts.calls, row.title))
    failed = sum(one.failed for one in read.counts.values())
    return Report(rows, sum(one.calls for one in read.counts.values()), failed, cost)


def _read(tenant: Tenant, since: datetime | None) -> _Sources:
    counts = figures.by_tool(tenant.pk, since)
    names = {tool.spec.name for tool in registry.all_tools()} | set(counts)
    return _Sources(
        names,
        counts,
        figures.by_model(tenant.pk, since),
        figures.errors(tenant.pk, since),
        figures.last_calls(tenant.pk, names),
        access.settings_of(tenant.pk),
        tenant.created_at,
    )


def _row(name: str, read: _Sources, all_costs: float) -> Row:
    tool, setting = registry.find(name), read.settings.get(name)
    counts, models = read.counts.get(name, Counts(name)), read.models.get(name, [])
    if tool is None:
        return Row(name, counts, models, is_on=False, is_known=False, advice=[])
    use = _use(tool, setting, Use(counts, models, read.errors.get(name, ""), all_costs=all_costs))
    use = use._replace(unused_days=(timezone.now() - read.last.get(name, read.begun)).days)
    return Row(tool.spec.title, counts, models, is_on=use.is_on, is_known=True, advice=advice.about(use))


def _use(tool: Tool, setting: ToolSetting | None, use: Use) -> Use:
    """The use, with how the tool is described and set."""
    ask = setting.ask if setting else ""
    never = ask == ASKS.NEVER or (tool.spec.risk is Risk.READ and ask == ASKS.BY_RISK)
    limit = (setting and setting.timeout) or tool.spec.timeout
    is_on = setting is None or setting.is_on
    return use._replace(risk=tool.spec.risk, is_on=is_on, limit=limit, asks_never=never, missing=tool.offered())
