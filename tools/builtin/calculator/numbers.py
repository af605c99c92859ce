"""Numbers of a calculation: a fraction, the digits that are sure where it is not exact, and a unit."""

import decimal
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple

from tools.specs import ToolError

MOST_BITS = 13_000  # nearly 4,000 digits; Python refuses to write more than 4,300
SURE, FLOAT = 30, 15  # digits
DECIMALS = decimal.Context(
    prec=45, Emax=4000, Emin=-4000, traps=[decimal.Overflow, decimal.InvalidOperation, decimal.DivisionByZero]
)


class CannotCompute(ToolError):
    """A calculation that cannot be done. `str()` says why."""


class Amount(NamedTuple):
    """A number with its unit. `digits` are the sure ones; None if all are."""

    value: Fraction
    digits: int | None = None
    unit: Any = None  # pint.Unit, or None for a plain number

    def of(self, value: Fraction, *others: "Amount") -> "Amount":
        """Another number with this unit, as sure as both."""
        return Amount(bounded(value), surely(self, *others), self.unit)


ONE = Amount(Fraction(1))


def surely(*amounts: Amount) -> int | None:
    """The digits that are sure of what is computed from all of them."""
    return min((amount.digits for amount in amounts if amount.digits is not None), default=None)


def bounded(value: Fraction) -> Fraction:
    """The number itself. Raises CannotCompute if it is too large to go on with."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise too_large()
    return value


def too_large() -> CannotCompute:
    """The refusal of a number with too many digits."""
    return CannotCompute("The result is too large: it has more than 3,900 digits.")


def read(text: str) -> Fraction:
    """The number that a text means, exactly. Raises CannotCompute."""
    digits, _, exponent = text.lower().replace("_", "").partition("e")
    if "/" in digits and not digits.partition("/")[2].strip("0"):
        raise CannotCompute("Nothing can be divided by zero.")
    if exponent and abs(int(exponent)) > MOST_BITS // 4:
        raise too_large()
    return bounded(Fraction(digits) * Fraction(10) ** int(exponent or 0))


def by_decimals(amount: Amount, compute: Any, *others: Amount) -> Amount:
    """Compute with decimals of many digits: `compute(context, number, ...)`. Raises CannotCompute."""
    try:
        found = compute(DECIMALS, *(decimal_of(one.value) for one in (amount, *others)))
    except decimal.Overflow:
        raise too_large() from None
    except decimal.DecimalException:
        raise CannotCompute("This is not defined for that number.") from None
    if not found.is_finite():
        raise CannotCompute("This is not defined for that number.")
    return Amount(bounded(Fraction(found)), surely(amount, *others, Amount(Fraction(0), SURE)))


def decimal_of(value: Fraction) -> Decimal:
    """The nearest decimal of many digits."""
    return DECIMALS.divide(Decimal(value.numerator), Decimal(value.denominator))


def power(base: Amount, exponent: Amount) -> Amount:
    """Raise a plain number to a power: exactly where that can be. Raises CannotCompute."""
    number, times = base.value, exponent.value
    if number == 0 and times < 0:
        raise CannotCompute("Zero has no negative power.")
    if times.denominator == 1:
        return base.of(_whole_power(number, times.numerator), exponent)
    root = _exact_root(number, times.denominator)
    if root is not None:
        return base.of(_whole_power(root, times.numerator), exponent)
    if number < 0 and times.denominator % 2 == 0:
        raise CannotCompute("A negative number has no even root.")
    found = by_decimals(base._replace(value=abs(number)), decimal.Context.power, exponent)
    return found._replace(value=-found.value) if number < 0 and times.numerator % 2 else found


def _whole_power(number: Fraction, times: int) -> Fraction:
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    if abs(number) not in (0, 1) and (bits - 1) * abs(times) > MOST_BITS:
        raise too_large()
    return number ** (times if abs(number) not in (0, 1) else times % 2 or (2 if times else 0))


def _exact_root(number: Fraction, degree: int) -> Fraction | None:
    """The root, if it is a fraction; None if not."""
    if degree > 64 or (number < 0 and degree % 2 == 0):  # noqa: PLR2004  higher roots are rarely exact, and then simple
        return None
    roots = [_whole_root(abs(part), degree) for part in (number.numerator, number.denominator)]
    above, below = roots
    if above is None or below is None:
        return None
    return Fraction(above if number >= 0 else -above, below)


def _whole_root(number: int, degree: int) -> int | None:
    """The root of a natural number by halving, if it is whole."""
    low, high = 0, 1 << (number.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**degree < number else (low, middle)
    return low if low**degree == number else None


def product(values: list[int]) -> int:
    """The product of whole numbers. Raises CannotCompute as soon as it is too large."""
    return reduce(lambda made, one: int(bounded(Fraction(made * one))), values, 1)
