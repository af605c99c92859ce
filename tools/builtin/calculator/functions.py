"""Functions and constants of calculations."""

import math
import statistics
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from tools.builtin.calculator import units
from tools.builtin.calculator.numbers import (
    FLOAT,
    SURE,
    Amount,
    CannotCompute,
    bounded,
    by_decimals,
    power,
    product,
    surely,
)

MOST_FACTORIAL = 1400
CONSTANTS = {
    "pi": Amount(Fraction("3.14159265358979323846264338327950288419716939937510582"), SURE),
    "π": Amount(Fraction("3.14159265358979323846264338327950288419716939937510582"), SURE),
    "e": Amount(Fraction("2.71828182845904523536028747135266249775724709369995957"), SURE),
    "tau": Amount(Fraction("6.28318530717958647692528676655900576839433879875021164"), SURE),
}
TEN = Amount(Fraction(10))
Function = Callable[..., Amount]


def _float(compute: Callable[..., float]) -> Function:
    """A function of floats, whose last digits are not sure."""

    def run(*amounts: Amount) -> Amount:
        try:
            found = compute(*(float(units.plain(one).value) for one in amounts))
        except (ValueError, OverflowError):
            raise CannotCompute("This is not defined for that number.") from None
        return Amount(Fraction(round(found, FLOAT)), surely(*amounts, Amount(Fraction(0), FLOAT)))

    return run


def _decimal(compute: Callable[..., Decimal]) -> Function:
    return lambda amount: by_decimals(units.plain(amount), compute)


def _whole(amount: Amount) -> int:
    """The whole number. Raises CannotCompute."""
    number = units.plain(amount).value
    if number.denominator != 1:
        raise CannotCompute("This takes whole numbers only.")
    return number.numerator


def _of_whole(compute: Callable[..., int], least: int = 1, most: int | None = None) -> Function:
    def run(*amounts: Amount) -> Amount:
        if len(amounts) < least or (most and len(amounts) > most):
            raise CannotCompute("This function takes another number of values.")
        return Amount(bounded(Fraction(compute(*map(_whole, amounts)))), surely(*amounts))

    return run


def factorial(number: int) -> int:
    """The factorial. Raises CannotCompute."""
    if not 0 <= number <= MOST_FACTORIAL:
        raise CannotCompute(f"The factorial is computed for whole numbers from 0 to {MOST_FACTORIAL:,}.")
    return math.factorial(number)


def _choose(above: int, below: int) -> int:
    below = min(below, above - below)
    if above < 0 or below < 0:
        return 0
    made = 1
    for step in range(1, below + 1):  # always whole, and soon too large
        made = int(bounded(Fraction(made * (above - below + step)))) // step
    return made


def _arrange(above: int, below: int) -> int:
    if below > MOST_FACTORIAL:
        raise CannotCompute("The result is too large.")
    return product(list(range(above, above - below, -1))) if 0 <= below <= above else 0


def _rounding(compute: Callable[[Fraction], int]) -> Function:
    return lambda amount: amount.of(Fraction(compute(amount.value)))


def _round(amount: Amount, places: Amount | None = None) -> Amount:
    """Round halves away from zero, as people do."""
    count = _whole(places) if places else 0
    if abs(count) > 1000:  # noqa: PLR2004  more digits than a result has
        raise CannotCompute("This is too far to round.")
    scale = Fraction(10) ** count
    whole = math.floor(abs(amount.value) * scale + Fraction(1, 2))
    return Amount(Fraction(whole) / scale * (-1 if amount.value < 0 else 1), None, amount.unit)


def _over(compute: Callable[[list[Fraction]], Any]) -> Function:
    """A function of several amounts of one kind, in the unit of the first."""

    def run(*amounts: Amount) -> Amount:
        if not amounts:
            raise CannotCompute("This function takes one value or more.")
        alike = [units.like(amounts[0], one) for one in amounts]
        return amounts[0].of(Fraction(compute([one.value for one in alike])), *alike)

    return run


def _root(amount: Amount, degree: Amount | None = None, *, usual: int = 2) -> Amount:
    times = 1 / Fraction(_whole(degree) if degree else usual)
    found = power(amount._replace(unit=None), Amount(times))
    return units.raised(amount, found.value, times, found.digits)


def _log(amount: Amount, base: Amount = TEN) -> Amount:
    above, below = (by_decimals(units.plain(one), Context.ln) for one in (amount, base))
    if below.value == 0:
        raise CannotCompute("There is no logarithm to this base.")
    nearest = round(above.value / below.value)
    if abs(nearest) < 1000 and power(base, Amount(Fraction(nearest))).value == amount.value:  # noqa: PLR2004  exact ones are small
        return Amount(Fraction(nearest), surely(amount, base))
    return Amount(above.value / below.value, surely(above, below))


def _square_root(amount: Amount) -> Amount:
    return _root(amount)


def _log10(amount: Amount) -> Amount:
    return _log(amount)


def _multiple(*numbers: int) -> int:
    """The least common multiple, step by step: it may soon be too large."""
    made = 1
    for number in numbers:
        made = int(bounded(Fraction(math.lcm(made, number))))
    return made


FUNCTIONS: dict[str, Function] = {
    "abs": lambda amount: amount.of(abs(amount.value)),
    "sign": lambda amount: Amount(Fraction((amount.value > 0) - (amount.value < 0))),
    "sqrt": _square_root,
    "cbrt": lambda amount: _root(amount, usual=3),
    "root": _root,
    "exp": _decimal(Context.exp),
    "ln": _decimal(Context.ln),
    "log": _log,
    "log10": _log10,
    "log2": lambda amount: _log(amount, Amount(Fraction(2))),
    "sin": _float(math.sin),
    "cos": _float(math.cos),
    "tan": _float(math.tan),
    "asin": _float(math.asin),
    "acos": _float(math.acos),
    "atan": _float(math.atan),
    "atan2": _float(math.atan2),
    "sinh": _float(math.sinh),
    "cosh": _float(math.cosh),
    "tanh": _float(math.tanh),
    "floor": _rounding(math.floor),
    "ceil": _rounding(math.ceil),
    "trunc": _rounding(math.trunc),
    "round": _round,
    "min": _over(min),
    "max": _over(max),
    "sum": _over(sum),
    "mean": _over(statistics.mean),
    "avg": _over(statistics.mean),
    "median": _over(statistics.median),
    "gcd": _of_whole(math.gcd),
    "lcm": _of_whole(_multiple),
    "factorial": _of_whole(factorial, most=1),
    "comb": _of_whole(_choose, least=2, most=2),
    "perm": _of_whole(_arrange, least=2, most=2),
}
