"""Units, by pint. Only names are given to it, one by one: it never reads what a person wrote."""

import re
from fractions import Fraction
from functools import cache
from importlib import import_module
from typing import Any

from tools.builtin.calculator.numbers import Amount, CannotCompute

MOST_POWER = 20
NAME = re.compile(r"[A-Za-zµμΩ°Åπ][A-Za-z0-9_°]{0,60}")


@cache
def registry() -> Any:
    """All units, with exact factors. Loading them takes two seconds: only a calculation with units does."""
    return import_module("pint").UnitRegistry(non_int_type=Fraction, autoconvert_offset_to_baseunit=False)


def named(name: str) -> Amount:
    """One of a unit. Raises CannotCompute."""
    try:
        unit = registry().parse_units(name) if NAME.fullmatch(name) else None
    except AttributeError:  # pint's UndefinedUnitError is one
        unit = None
    if unit is None:
        raise CannotCompute(f"There is no number, function or unit {name[:40]!r}.")
    return Amount(Fraction(1), unit=unit)


def converted(amount: Amount, unit: Any) -> Amount:
    """Convert to another unit. Raises CannotCompute if it measures something else."""
    plain = registry().dimensionless
    if (amount.unit or plain) == (unit or plain):
        return amount._replace(unit=unit)
    try:
        value = registry().convert(amount.value, amount.unit or plain, unit or plain)
    except (TypeError, ValueError, AttributeError):  # pint's DimensionalityError is a TypeError
        raise CannotCompute(
            f"{written(amount.unit) or 'A plain number'} cannot be converted to {written(unit) or 'a plain number'}."
        ) from None
    return Amount(Fraction(value), amount.digits, unit)


def like(first: Amount, second: Amount) -> Amount:
    """The second in the unit of the first. Raises CannotCompute."""
    if first.unit is None and second.unit is None:
        return second
    _refuse_scales(first, second)
    return converted(second, first.unit)


def joined(value: Fraction, first: Amount, second: Amount, power: int, digits: int | None) -> Amount:
    """A product (power 1) or a quotient (-1) with the unit that follows."""
    if first.unit is None and second.unit is None:
        return Amount(value, digits)
    if not (first.unit is None and power == 1):  # a number before a unit, as in 20 °C
        _refuse_scales(*(one for one in (first, second) if one.unit is not None))
    plain = registry().dimensionless
    unit = (first.unit or plain) * (second.unit or plain) ** power
    if unit.dimensionless and unit != second.unit:  # km / m is a number
        return converted(Amount(value, digits, unit), None)
    return Amount(value, digits, unit)


def raised(amount: Amount, value: Fraction, times: Fraction, digits: int | None) -> Amount:
    """A power with the unit that follows. Raises CannotCompute."""
    if amount.unit is None:
        return Amount(value, digits)
    _refuse_scales(amount)
    if abs(times) > MOST_POWER:
        raise CannotCompute(f"A unit can be raised to {MOST_POWER} at most.")
    return Amount(value, digits, amount.unit**times)


def plain(amount: Amount) -> Amount:
    """The number without a unit: degrees become radians, percent hundredths. Raises CannotCompute."""
    return amount if amount.unit is None else converted(amount, None)


def written(unit: Any) -> str:
    """A unit in short: km/h, m^2."""
    if unit is None:
        return ""
    parts = [(registry().get_symbol(name), Fraction(power)) for name, power in unit._units.items()]  # noqa: SLF001  its only list
    above = [_powered(name, power) for name, power in parts if power > 0]
    below = [_powered(name, -power) for name, power in parts if power < 0]
    return "/".join(("*".join(above) or ("1" if below else ""), *below))


def _powered(name: str, power: Fraction) -> str:
    return name if power == 1 else f"{name}^{power}" if power.denominator == 1 else f"{name}^({power})"


def _refuse_scales(*amounts: Amount) -> None:
    """Temperatures on a scale with a zero of its own cannot be added or multiplied: 20 °C and 20 °C are not 40 °C."""
    for amount in amounts:
        if amount.unit is not None and not amount.unit._REGISTRY._is_multiplicative(next(iter(amount.unit._units), "")):  # noqa: SLF001
            raise CannotCompute("Convert temperatures to kelvin before you calculate with them.")
