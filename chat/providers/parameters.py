"""The inference settings that a person may choose, by their OpenAI names. Pure: no Django.

A closed list: what a provider's client takes besides (addresses, keys, headers) is the operator's business, and one that could
be set from a question would send the operator's key wherever the question says.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00\ud800-\udfff]*$")]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Parameters of a request; those not set are left to the model."""

    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    seed: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    stop: Text | Annotated[list[Text], Meta(max_length=4)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] | None = None

    def given(self) -> dict[str, Any]:
        """Those that are set."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class Form(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields of a program's request on the form of the answer, by OpenAI's names; those that are not set are not sent."""

    response_format: dict[str, Any] | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None

    def given(self, *, with_tools: bool) -> dict[str, Any]:
        """Return the fields that are set; without tools, none about tools, which providers would refuse."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain if with_tools else {name: plain[name] for name in ("response_format",) if name in plain}

    def later(self) -> "Form":
        """Return the form for later steps: an answer that must call a tool in each step would never end."""
        return Form(self.response_format, None, self.parallel_tool_calls)


def parse(given: dict[str, Any]) -> Parameters:
    """Typed settings. Raises msgspec.ValidationError naming what is wrong."""
    return msgspec.convert(given, Parameters)
