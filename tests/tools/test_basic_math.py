"""The calculator: exact where that can be, with units, and never busy for long."""

import time
from typing import Any

import pytest

from tests.tools.calling import data, refused
from tools import registry
from tools.specs import Sharing

# Each calculation and its exact result.
EXACT = {
    "0.1 + 0.2": "0.3",
    "1/3 + 1/6": "0.5",
    "1/3": "1/3",
    "2^10": "1024",
    "2**-2": "0.25",
    "-2^2": "-4",
    "2^3^2": "512",
    "10 % 3": "1",
    "-7 // 2": "-4",
    "-7 mod 2": "1",
    "20% of 50": "10",
    "15% of 149.90": "22.485",
    "100 - 10%": "99.9",
    "5!": "120",
    "sqrt(16/9)": "4/3",
    "√16 + 1": "5",
    "8^(2/3)": "4",
    "(-8)^(1/3)": "-2",
    "log(8, 2)": "3",
    "log(0.001)": "-3",
    "round(2.5)": "3",
    "round(-2.345, 2)": "-2.35",
    "floor(-1.5)": "-2",
    "abs(-3.5)": "3.5",
    "max(1, 2.5, 2)": "2.5",
    "mean(1, 2, 4)": "7/3",
    "median(3, 1, 2)": "2",
    "gcd(12, 18)": "6",
    "lcm(4, 6, 10)": "60",
    "comb(49, 6)": "13983816",
    "perm(10, 3)": "720",
    "1,000,000 / 8": "125000",
    "2(3 + 4)": "14",
    "1.5e3": "1500",
    "3 × 4 ÷ 2 − 1": "5",
    "½ + ¼": "0.75",
    "(-1)^(10^30)": "1",
    "9007199254740993 + 0": "9007199254740993",
    "100!/98!": "9900",
    "=2+2": "4",
    "2+2=": "4",
}
# Each calculation with units, its exact result and its unit.
MEASURED = {
    "90 km/h to m/s": ("25", "m/s"),
    "10 km / 2 h": ("5", "km/h"),
    "5 ft + 3 in to cm": ("160.02", "cm"),
    "6 in in cm": ("15.24", "cm"),
    "20 °C to degF": ("68", "°F"),
    "3 km + 200 m": ("3.2", "km"),
    "km / m": ("1000", ""),
    "3 m * 2 m": ("6", "m^2"),
    "sqrt(9 m^2)": ("3", "m"),
    "max(1 m, 150 cm)": ("1.5", "m"),
    "2/4 h to min": ("30", "min"),
}
# Calculations without an exact result, and its first digits.
ABOUT = {
    "2^0.5": "1.41421356237309504880168872",
    "sqrt(2)": "1.41421356237309504880168872",
    "pi": "3.14159265358979323846264338",
    "exp(1)": "2.71828182845904523536028747",
    "ln(10)": "2.30258509299404568401799145",
    "sin(30 deg)": "0.5",
    "cos(0)": "1",
    "atan2(1, 1) * 4": "3.14159265358979",
    "sin(pi)": "0",
}
# Calculations that cannot be done, and a word of the reason.
REFUSED = {
    "9**9**9": "too large",
    "9^9^9^9": "too large",
    "2^1e9": "too large",
    "1e999999999": "too large",
    "7^4000*7^4000*7^4000": "too large",
    "*".join(["1e3000"] * 50): "too large",
    "2000!": "factorial",
    "5!!!": "factorial",
    "comb(10^9, 5*10^8)": "too large",
    "perm(10^9, 10^8)": "too large",
    "exp(10^9)": "too large",
    "1.0000001^1e12": "too large",
    "round(1, 10^9)": "too far",
    "(" * 100 + "1" + ")" * 100: "too deeply",
    "-" * 400 + "1": "too deeply",
    "2^" * 200 + "2": "too deeply",
    "1/0": "zero",
    "0^-1": "Zero",
    "5 mod 0": "zero",
    "ln(0)": "not defined",
    "sqrt(-1)": "root",
    "asin(2)": "not defined",
    "factorial(2.5)": "whole",
    "sqrt(1, 2, 3)": "3 values",
    "1 +": "missing",
    "(1 + 2": "missing",
    "1 2": "too many",
    "3 km + 2 kg": "cannot be converted",
    "20 °C + 5 °C": "kelvin",
    "m^99": "unit",
    "unknown_thing": "no number, function or unit",
    "__import__('os').system('true')": "cannot be read",
    "().__class__": "cannot be read",
    "open": "no number, function or unit",
    "lambda: 1": "cannot be read",
    "1;2": "cannot be read",
    "1\n\x00": "cannot be read",
    "[x for x in (1,)]": "unit 'x'",
}


async def result(expression: str) -> dict[str, Any]:
    return await data(None, "basic_math", expression=expression)


async def test_results_are_exact() -> None:
    assert {text: (await result(text))["exact"] for text in EXACT} == EXACT


async def test_units_are_converted_exactly() -> None:
    found = {text: await result(text) for text in MEASURED}
    assert {text: (one["exact"], one["unit"]) for text, one in found.items()} == MEASURED


async def test_what_has_no_exact_result_says_so_and_keeps_its_sure_digits() -> None:
    for text, digits in ABOUT.items():
        found = await result(text)
        assert (found["exact"], found["is_exact"]) == ("", False)
        assert found["decimal"].startswith(digits), text


async def test_an_exact_result_is_also_given_as_a_decimal() -> None:
    assert (await result("1/3"))["decimal"] == "0.333333333333333333333333333333…"
    assert (await result("50!"))["decimal"] == (await result("50!"))["exact"]
    assert (await result("1e-200"))["decimal"] == "1e-200"


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
async def test_a_calculation_that_cannot_be_done_is_refused_in_words(text: str) -> None:
    began = time.process_time()
    assert REFUSED[text] in await refused(None, "basic_math", expression=text)
    assert time.process_time() - began < 20  # of this process, and beside other work: endless ones never end


def test_it_is_shared_and_shows_how_it_is_used() -> None:
    tool = registry.find("basic_math")
    assert tool
    assert tool.spec.sharing is Sharing.EVERYONE
    assert tool.spec.annotations.read_only_hint
    assert tool.spec.input_schema["required"] == ["expression"]
    assert len(tool.spec.examples) > 1
