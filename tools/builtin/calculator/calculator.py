"""The calculator: it reads tokens from left to right and computes as it reads.

whole    sum [("to" | "in" | "as") sum]
sum      product (("+" | "-") product)*
product  signed (("*" | "/" | "//" | "%" | "mod" | "of") signed)*
signed   ("-" | "+")* joined
joined   power (power)*                 a number before a unit, a name or a bracket: 3 km, 2 pi, 2(1 + 1)
power    postfix (("^" | "**") signed)?
postfix  value ("!" | "%")*
value    number | name | name "(" sum ("," sum)* ")" | "(" sum ")" | "√" power
"""

import math
from fractions import Fraction

from tools.builtin.calculator import units
from tools.builtin.calculator.functions import CONSTANTS, FUNCTIONS, factorial
from tools.builtin.calculator.numbers import Amount, CannotCompute, bounded, power, read, surely
from tools.builtin.calculator.syntax import WORDS, Token, tokens

DEEPEST = 40
INTO = ("to", "in", "as")
TIMES = ("*", "of")
HUNDREDTH = Fraction(1, 100)


def calculate(text: str) -> Amount:
    """Calculate. Raises CannotCompute."""
    return _Calculator(tokens(text)).whole()


class _Calculator:
    """One calculation, and the place up to which it is read."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens, self._at, self._depth = found, 0, 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _after(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def _take(self, *texts: str) -> str:
        """Pass over one of these tokens; an empty text if the next is another."""
        if self._next.text not in texts or self._next.kind == "end":
            return ""
        self._at += 1
        return self._tokens[self._at - 1].text

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise CannotCompute(f"{text!r} is missing before {_shown(self._next)}.")

    def whole(self) -> Amount:
        found = self._sum()
        if self._take(*INTO):
            found = units.converted(found, self._sum().unit)
        if self._next.kind != "end":
            raise CannotCompute(f"{_shown(self._next)} is one too many, or something is missing before it.")
        return found

    def _sum(self) -> Amount:
        found = self._product()
        while sign := self._take("+", "-"):
            other = units.like(found, self._product())
            found = found.of(found.value + other.value if sign == "+" else found.value - other.value, other)
        return found

    def _product(self) -> Amount:
        found = self._signed()
        while sign := self._take("*", "/", "//", "%", "mod", "of"):
            found = _multiplied(found, sign, self._signed())
        return found

    def _signed(self) -> Amount:
        self._depth += 1
        if self._depth > DEEPEST:
            raise CannotCompute("This calculation is nested too deeply.")
        sign = self._take("-", "+")
        found = self._signed() if sign else self._joined()
        self._depth -= 1
        return found._replace(value=-found.value) if sign == "-" else found

    def _joined(self) -> Amount:
        found = self._power()
        while self._begins_value():
            found = _multiplied(found, "*", self._power())
        return found

    def _begins_value(self) -> bool:
        """Check whether what follows belongs to the number before it. `in` is an inch where no unit follows."""
        kind, text = self._next
        if text == "in":
            return self._after().kind != "name" or self._after().text in INTO
        return text in ("(", "√") or (kind == "name" and text not in WORDS)

    def _power(self) -> Amount:
        found = self._postfix()
        if not self._take("^", "**"):
            return found
        times = units.plain(self._signed())
        raised = power(found._replace(unit=None), times)
        return units.raised(found, raised.value, times.value, raised.digits)

    def _postfix(self) -> Amount:
        found = self._value()
        while (sign := self._next.text) in ("!", "%") and (sign == "!" or not self._is_remainder()):
            self._at += 1
            found = found.of(found.value * HUNDREDTH) if sign == "%" else _factorial(found)
        return found

    def _is_remainder(self) -> bool:
        """Check whether % stands between two numbers."""
        kind, text = self._after()
        return kind == "number" or text in ("(", "√") or (kind == "name" and text not in WORDS)

    def _value(self) -> Amount:
        token = self._next
        kind, text = token
        self._at += kind != "end"
        if kind == "number":
            return Amount(read(text))
        if text == "(":
            found = self._sum()
            self._expect(")")
            return found
        if text == "√":
            return FUNCTIONS["sqrt"](self._power())
        if kind == "name" and text not in WORDS - {"in"}:
            return self._called(text)
        raise CannotCompute(f"A number is missing before {_shown(token)}.")

    def _called(self, name: str) -> Amount:
        """A function with its values, a constant or a unit."""
        if self._next.text == "(" and name.lower() in FUNCTIONS:
            return self._applied(name.lower())
        return CONSTANTS.get(name) or CONSTANTS.get(name.lower()) or units.named(name)

    def _applied(self, name: str) -> Amount:
        self._expect("(")
        values = [self._sum()]
        while self._take(","):
            values.append(self._sum())
        self._expect(")")
        try:
            return FUNCTIONS[name](*values)
        except TypeError:
            raise CannotCompute(f"{name} does not take {len(values)} value{'' if len(values) == 1 else 's'}.") from None


def _shown(token: Token) -> str:
    return repr(token.text[:40]) if token.text else "the end"


def _multiplied(first: Amount, sign: str, second: Amount) -> Amount:
    digits = surely(first, second)
    if sign in TIMES:
        return units.joined(bounded(first.value * second.value), first, second, 1, digits)
    if second.value == 0:
        raise CannotCompute("Nothing can be divided by zero.")
    if sign == "/":
        return units.joined(bounded(first.value / second.value), first, second, -1, digits)
    other = units.like(first, second)
    quotient = Fraction(math.floor(first.value / other.value))
    return Amount(quotient, digits) if sign == "//" else first.of(first.value - quotient * other.value, other)


def _factorial(amount: Amount) -> Amount:
    number = units.plain(amount).value
    if number.denominator != 1:
        raise CannotCompute("Only whole numbers have a factorial.")
    return Amount(Fraction(factorial(number.numerator)), amount.digits)
