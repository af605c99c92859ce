"""Reasons why an answer ended, in the many words that servers have for them. Pure."""

from chat.providers.base import FinishReason

_WORDS: dict[FinishReason, tuple[str, ...]] = {
    "stop": (
        "stop", "stopped", "stop_sequence", "stop_str", "stop_token", "eos", "eos_token", "end", "end_turn", "end_of_turn",
        "endoftext", "done", "finish", "finished", "complete", "completed", "success", "normal", "finish_reason_stop",
    ),
    "length": (
        "length", "limit", "max_tokens", "max_length", "max_new_tokens", "max_output_tokens", "max_completion_tokens",
        "model_length", "token_limit", "finish_reason_max_tokens",
    ),
    "tool_calls": ("tool_calls", "tool_call", "tool_use", "function_call", "function_calls"),
    "content_filter": (
        "content_filter", "content_filtered", "filtered", "guardrail_intervened", "safety", "recitation", "blocklist",
        "prohibited_content", "spii", "sensitive",
    ),
    "refusal": ("refusal", "refused"),
}  # fmt: skip
_KNOWN = {word: reason for reason, words in _WORDS.items() for word in words}


def said_in(value: object) -> str:
    """The reason that a server names, in small letters; empty while it names none. Of an odd type, it still means the end."""
    if isinstance(value, str):
        word = value.strip().lower()
        return "" if word in {"null", "none"} else word
    return "stop" if value else ""


def known(word: str) -> FinishReason | None:
    """The reason as Galaxy knows it; None for an end that is not a normal one."""
    return _KNOWN.get(word)
