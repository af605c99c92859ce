"""The facts of a model in one line, as the picker shows them."""

from chat.catalogue.contexts import ModelContext

K = 1_000


def facts(context: ModelContext) -> str:
    """Return its size, context window, abilities and price; empty if none of them is known."""
    able, runs = context.capabilities, context.runtime
    told = [
        context.identification.parameter_count or "",
        f"{_short(able.context_window)} tokens" if able.context_window else "",
        "images" if able.images else "",
        "tools" if able.tools == "native" and "capabilities.tools" in context.sources else "",
        "reasoning" if able.reasoning else "",
        _price(runs.prompt_price, runs.answer_price),
    ]
    return " · ".join(filter(None, told))


def _short(tokens: int) -> str:
    """Format a number of tokens as the makers of models do: 128k, 1M."""
    if tokens % 1024 == 0 and tokens % K:
        return f"{tokens // 1024}k"
    return f"{tokens / K / K:.3g}M" if tokens >= K * K else f"{round(tokens / K)}k" if tokens >= K else str(tokens)


def _price(prompt: float | None, answer: float | None) -> str:
    if prompt is None or answer is None:
        return ""
    return f"${prompt:.3g} / ${answer:.3g}" if prompt or answer else "free of charge"
