"""A person's own use of models: the page in the settings, and `GET /api/usage`."""

from datetime import date, datetime
from typing import Any, Literal

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from ninja import Router, Schema

from accounts.identity.api_auth import Needs
from accounts.models import User
from accounts.people import clock
from accounts.storage.connections import in_database
from chat.pages.layout import page, person_of
from chat.pages.usage import report
from chat.pages.usage.figures import Sums

router = Router(tags=["usage"], auth=Needs("chat"))
Period = Literal["week", "month", "quarter"]


class SumsOut(Schema):
    """Sums of requests to models; `cost` in US dollars, of the requests whose price is known."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: float
    failed: int
    unpriced: int


class DayOut(SumsOut):
    """Sums of a day."""

    day: date


class ModelOut(SumsOut):
    """Sums of a model, and the seconds to the first token that 50 % and 95 % of its requests did not exceed."""

    model: str
    provider: str
    first_token_half: float | None
    first_token_most: float | None


class UsageOut(Schema):
    """The use of models in a period, by day and by model."""

    period: Period
    until: datetime
    total: SumsOut
    days: list[DayOut]
    models: list[ModelOut]


@never_cache
@login_required
@require_safe
async def usage(request: HttpRequest) -> HttpResponseBase:
    """Show the page of the person's own use."""
    person, period = await person_of(request), report.known(request.GET.get("period", ""))
    made = await in_database(report.of_person, person.pk, period, clock.zone_of(request))
    periods = [(name, words) for name, (words, _) in report.PERIODS.items()]
    shown = {"is_elsewhere": True, "section": "usage", "report": made, "periods": periods}
    return await page(request, "chat/usage.html", shown)


@router.get("usage", response=UsageOut)
async def read_usage(request: HttpRequest, period: Period = "month") -> dict[str, Any]:
    """The use of models by the person: the last 7, 30 or 90 days, by day (UTC) and by model."""
    person: User = request.auth  # type: ignore[attr-defined]
    now = clock.now_of(request)
    made = await in_database(report.of_person, person.pk, period, clock.zone_of(request))
    return {
        "period": period,
        "until": now,
        "total": _told(made.total),
        "days": [{"day": day, **_told(sums)} for day, sums in made.days],
        "models": [
            {"model": use.name, "provider": use.provider, "first_token_half": use.half, "first_token_most": use.most}
            | _told(use.sums)
            for use in made.models
        ],
    }


def _told(sums: Sums) -> dict[str, Any]:
    return sums._asdict()
