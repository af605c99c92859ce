"""A result in words: exact where that can be, and as a decimal number."""

import decimal
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from tools.builtin.calculator import units
from tools.builtin.calculator.numbers import SURE, Amount, decimal_of

MOST_PLACES = 60  # of an exact decimal number
PLAIN = 30  # digits before or after the point, above which a power of ten is written


class Result(Struct, frozen=True):
    """A result. `exact` is empty if there is no exact one; `decimal` ends with … if it goes on."""

    exact: str
    decimal: str
    is_exact: bool
    unit: str = ""


def worded(amount: Amount) -> Result:
    """The result of a calculation."""
    unit = units.written(amount.unit)
    if amount.digits is not None:
        return Result("", _shortened(amount.value, amount.digits), is_exact=False, unit=unit)
    exact = _exact_decimal(amount.value)
    text = exact or str(amount.value)
    return Result(text, exact or _shortened(amount.value, SURE, "…"), is_exact=True, unit=unit)


def _exact_decimal(value: Fraction) -> str:
    """The number in digits, if they end; otherwise an empty text."""
    below, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while below % prime == 0:
            below, count = below // prime, count + 1
        places = max(places, count)
    if below != 1 or places > MOST_PLACES:
        return ""
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def _shortened(value: Fraction, digits: int, more: str = "") -> str:
    """The number with so many digits, and a sign that there are more."""
    context = decimal.Context(prec=digits)
    rounded = context.plus(decimal_of(value))
    more = more if Fraction(rounded) != value else ""
    if rounded.adjusted() < digits:
        rounded = context.normalize(rounded)
    return f"{rounded:f}{more}" if -PLAIN < rounded.adjusted() < PLAIN else f"{_with_power(rounded)}{more}"


def _with_power(number: Decimal) -> str:
    return f"{number:e}".replace("e+", "e")
