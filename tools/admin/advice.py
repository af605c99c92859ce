"""Advice about a tool, from how it was used. Each rule is one function: it gives a sentence, or an empty text. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tools.admin.figures import Counts
from tools.specs import Risk

FEW = 5  # calls: fewer tell nothing
MANY = 20
UNUSED_DAYS = 30
SLOW = 10.0  # seconds
MUCH = 1.0  # US dollars

ERRORS = {
    "tool_error": "an error that the tool explains",
    "timeout": "its time limit",
    "unavailable": "something that was not available",
    "bad_arguments": "arguments that do not fit",
    "bad_result": "a result that does not fit its description",
    "internal": "a defect",
}


class Use(NamedTuple):
    """A tool as it is set and as it was used in some time."""

    counts: Counts
    models: Sequence[Counts] = ()
    error: str = ""  # the commonest kind of failure
    risk: Risk = Risk.READ
    is_on: bool = True
    limit: float = 30.0  # seconds
    asks_never: bool = False
    missing: str = ""  # the reason why it cannot be offered on this machine
    unused_days: int = 0  # since its last call, or since there could be one
    all_costs: float = 0.0  # of every tool together


def _is_share(part: int, of: int, share: float) -> bool:
    return of >= FEW and part >= share * of


def missing(use: Use) -> str:
    """It is on and cannot work."""
    return f"It is not offered: {use.missing.rstrip('.')}. Fix that, or switch it off." if use.is_on and use.missing else ""


def fails(use: Use) -> str:
    """Every third call fails."""
    counts = use.counts
    if not _is_share(counts.failed, counts.succeeded + counts.failed, 1 / 3):
        return ""
    why = f", mostly because of {ERRORS.get(use.error, use.error)}" if use.error else ""
    return f"{counts.failed} of {counts.succeeded + counts.failed} calls failed{why}. Look at the calls with that error first."


def late(use: Use) -> str:
    """Every tenth call is ended by its time limit."""
    if not _is_share(use.counts.late, use.counts.calls, 0.1):
        return ""
    return f"{use.counts.late} calls were ended after {use.limit:g} s. Raise its time limit, or ask it for less at once."


def slow(use: Use) -> str:
    """It keeps people waiting, though it ends in time."""
    most = use.counts.most or 0.0
    if use.counts.calls < FEW or most < SLOW or late(use):
        return ""
    return f"One call in twenty takes {most:.0f} s or longer. Let it work in the background, or ask it for less at once."


def unknown(use: Use) -> str:
    """Some calls may have changed something."""
    if not use.counts.unknown:
        return ""
    if use.counts.unknown == 1:
        return "It is not known whether one call happened. Look at it, and check what it changed."
    return f"It is not known whether {use.counts.unknown} calls happened. Look at them, and check what they changed."


def unused(use: Use) -> str:
    """It was not called for long."""
    if not use.is_on or use.missing or use.unused_days < UNUSED_DAYS:
        return ""
    return f"It has not been used for {use.unused_days} days. Switch it off: models choose better among fewer tools."


def never_picked(use: Use) -> str:
    """People call it, and models do not."""
    if use.counts.calls < FEW or use.counts.by_models:
        return ""
    return "People call it and models never do. Say more plainly in its description what it is good for."


def denied(use: Use) -> str:
    """People decline it."""
    decided = use.counts.asked
    if not _is_share(use.counts.denied, decided, 0.25):
        return ""
    return f"People declined {use.counts.denied} of {decided} calls. Tell them what it does, or grant it to fewer people."


def undecided(use: Use) -> str:
    """No one decides in time."""
    if not _is_share(use.counts.expired, use.counts.asked, 0.2):
        return ""
    return f"No one decided in time about {use.counts.expired} of {use.counts.asked} calls. Ask only once, or ask fewer people."


def always_allowed(use: Use) -> str:
    """Asking is a habit without use."""
    counts = use.counts
    asked_in_vain = counts.asked >= MANY / 2 and not (counts.denied or counts.expired or counts.edited)
    if use.risk is Risk.CRITICAL or use.asks_never or not asked_in_vain:
        return ""
    return f"All {counts.asked} calls were allowed as they were. Let it ask only once, or never: a habit protects no one."


def edited(use: Use) -> str:
    """People mend what models write."""
    if not _is_share(use.counts.edited, use.counts.asked, 1 / 3):
        return ""
    return f"People changed the arguments of {use.counts.edited} of {use.counts.asked} calls. Describe what it wants."


def repaired(use: Use) -> str:
    """A model writes its arguments wrongly."""
    wrong = [one for one in use.models if _is_share(one.repaired, one.calls, 0.2)]
    if not wrong:
        return ""
    worst = max(wrong, key=lambda one: one.repaired / one.calls)
    wrote = f"{worst.model} wrote {worst.repaired} of {worst.calls} calls wrongly"
    return f"{wrote}. Describe its arguments more plainly, with an example."


def costly(use: Use) -> str:
    """It takes most of what tools cost."""
    if use.counts.cost < MUCH or use.counts.cost < use.all_costs / 2:
        return ""
    share = 100 * use.counts.cost / use.all_costs
    return f"It takes {share:.0f} % of what all tools cost. Set a budget for it, or grant it to those who need it."


def for_one(use: Use) -> str:
    """One person alone uses it, often."""
    if use.counts.people != 1 or use.counts.calls < MANY:
        return ""
    return "Only one person uses it. Show it to others, or grant it to that person only."


def missed(use: Use) -> str:
    """It is off and was used a lot."""
    if use.is_on or use.counts.calls < FEW:
        return ""
    return f"It is off, and {use.counts.people} people used it in this period. Tell them what to use instead."


Rule = Callable[[Use], str]
RULES: tuple[Rule, ...] = (
    missing, unknown, fails, late, slow, denied, undecided, always_allowed, edited, repaired, costly, missed, never_picked,
    unused, for_one,
)  # fmt: skip


def about(use: Use) -> list[str]:
    """All advice about a tool, the most urgent first."""
    return [words for rule in RULES if (words := rule(use))]
