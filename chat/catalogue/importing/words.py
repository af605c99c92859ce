"""A plan as lines of a diff: `+` is added, `~` is changed, `=` stays, `?` is left out. No line has a key."""

from collections.abc import Iterator

from chat.catalogue.importing.plan import Change, ModelStep, Plan, ProviderStep

STAYS = "not in the list, stays"


def lines(plan: Plan) -> Iterator[str]:
    """All steps, then what the list does not name, then what it names in vain."""
    for step in plan.steps:
        yield from _step(step)
    yield from (f"= provider {name}: {STAYS}" for name in plan.others)
    yield from (f"? model {name} is left out: {reason}" for name, reason in plan.left_out)


def _step(step: ProviderStep) -> Iterator[str]:
    yield _line(step, "provider")
    yield from (_line(model, "  model") for model in step.models)
    yield from (f"=   model {name}: {STAYS}" for name in step.others)


def _line(step: ProviderStep | ModelStep, kind: str) -> str:
    sign = "+" if step.is_new else "~" if step.changes else "="
    told = ", ".join(_new(one) if step.is_new else _difference(one) for one in step.changes)
    return f"{sign} {kind} {step.row.name}" + (f": {told}" if told else "")


def _new(change: Change) -> str:
    return f"{change.field} {change.after}".strip()


def _difference(change: Change) -> str:
    if not (change.before or change.after):
        return f"another {change.field}"
    return f"{change.field} {change.before or 'none'} → {change.after or 'none'}"
