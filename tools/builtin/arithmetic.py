"""Exact arithmetic."""

import asyncio
from typing import Annotated

from msgspec import Meta

from tools.authoring import tool
from tools.builtin.calculator.calculator import calculate
from tools.builtin.calculator.wording import Result, worded
from tools.specs import Context, Example, Sharing

Expression = Annotated[
    str,
    Meta(
        description="As in 0.1 + 0.2, (3/4)^5, 20% of 149.90, sqrt(2), 50!, comb(49, 6), sin(30 deg), 5 ft + 3 in to cm, "
        "90 km/h to m/s.",
        min_length=1,
        max_length=500,
    ),
]


@tool(
    title="Calculator",
    category="Numbers",
    sharing=Sharing.EVERYONE,
    examples=(
        Example("What is 0.1 + 0.2?", {"expression": "0.1 + 0.2"}),
        Example("How much is a discount of 15% on 149.90?", {"expression": "15% of 149.90"}),
        Example("How many metres per second are 90 km/h?", {"expression": "90 km/h to m/s"}),
    ),
)
async def basic_math(context: Context, expression: Expression) -> Result:  # noqa: ARG001  the same for everyone
    """Calculate exactly, with whole numbers, decimals, fractions, functions and units.

    Signs: + - * / // % ^ ! and brackets; % behind a number is per cent. Functions: abs sign sqrt cbrt root exp ln log log10
    log2 sin cos tan asin acos atan atan2 sinh cosh tanh floor ceil trunc round min max sum mean median gcd lcm factorial
    comb perm. Constants: pi e tau. Angles are radians unless you write deg. Units stand behind numbers; "to" converts, as
    in 3 miles to km.
    """
    return worded(await asyncio.to_thread(calculate, expression))
