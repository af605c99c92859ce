"""The limits of a grant: the part of JSON Schema that is evaluated without network access and in bounded time.

References (`$ref`) would fetch addresses and files, and patterns can take forever (CWE-1333): neither is allowed.
"""

from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import orjson

from accounts.storage.texts import is_clean_json

MOST_DEPTH = 8
MOST_PARTS = 200
LEAST, MOST = -(2**63), 2**63 - 1  # 64-bit numbers, which every JSON reader preserves
WORDS = frozenset((
    "type", "enum", "const", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "items", "contains", "minItems", "maxItems", "not", "anyOf", "allOf", "oneOf",
))  # fmt: skip
REMARKS = frozenset(("title", "description"))


class NoLimits(ValueError):
    """These limits are not valid. The message says why."""


class CannotBeJudged(ValueError):
    """The arguments cannot be evaluated. The message says why."""


def check(limits: Any) -> None:
    """Check that the value is a JSON Schema of an object, within the evaluated part. Raises NoLimits."""
    if not isinstance(limits, dict):
        raise NoLimits('A JSON Schema is an object, such as {"properties": {"brightness": {"maximum": 80}}}.')
    if _count(limits, MOST_DEPTH) > MOST_PARTS:
        raise NoLimits("These limits have too many parts.")
    if not is_clean_json(limits):
        raise NoLimits("These limits contain a number or a character that cannot be stored.")
    _check_numbers(limits)
    _check_words(limits)
    library = _library()
    try:
        library.Draft202012Validator.check_schema(limits)
    except library.SchemaError as error:
        raise NoLimits(f"This is not a JSON Schema: {error.message}") from error


def can_be_judged(limits: dict[str, Any]) -> bool:
    """Check that the limits can be evaluated."""
    return _problem_of(limits) is None


def complaint(limits: dict[str, Any], arguments: dict[str, Any]) -> str | None:
    """Describe the first argument outside the limits, or one that cannot be evaluated; None if all are within."""
    try:
        return _first_error(limits, arguments)
    except CannotBeJudged as error:
        return str(error)


def may_fit(limits: dict[str, Any], arguments: dict[str, Any]) -> bool:
    """Check whether the arguments are within the limits or cannot be evaluated: then a denial forbids them."""
    try:
        return _first_error(limits, arguments) is None
    except CannotBeJudged:
        return True


def _first_error(limits: dict[str, Any], arguments: dict[str, Any]) -> str | None:
    """Return the first violation, or None. Raises CannotBeJudged."""
    if not limits:
        return None
    if problem := _problem_of(limits):
        raise CannotBeJudged(problem)
    if not is_clean_json(arguments):  # NaN, for example, is neither above nor below anything
        raise CannotBeJudged("These arguments contain a number or a character that cannot be checked")
    try:
        first = next(iter(_validator()({"type": "object", **limits}).iter_errors(arguments)), None)
        return first and f"{first.json_path.removeprefix('$.')}: {first.message}"
    except (ArithmeticError, ValueError, RecursionError) as error:  # numbers with hundreds of digits, thousands of brackets
        raise CannotBeJudged("These arguments are too large to be checked") from error


@cache
def _validator() -> Any:
    """Build a validator for the evaluated part of JSON Schema."""
    full = _library().Draft202012Validator
    judged = {word: full.VALIDATORS[word] for word in WORDS}
    return _library().validators.create(full.META_SCHEMA, judged, type_checker=full.TYPE_CHECKER)


def _library() -> Any:
    """Load the library with the first limits: it takes 20 ms of every start, and most processes never need it."""
    return import_module("jsonschema")


def _problem_of(limits: dict[str, Any]) -> str | None:
    try:
        return _problem(orjson.dumps(limits))
    except TypeError:  # orjson's error for numbers that are too large, invalid text and too many brackets
        return "These limits contain a number or a character that cannot be checked."


@lru_cache(maxsize=512)
def _problem(limits: bytes) -> str | None:
    """Check limits from the database, which may be older than a rule or written past the form; each is checked once."""
    try:
        check(orjson.loads(limits))
    except NoLimits as error:
        return str(error)
    return None


def _count(value: Any, depth: int) -> int:
    """Count the parts. Raises NoLimits if they are nested too deeply."""
    if depth < 0:
        raise NoLimits("These limits are nested too deeply.")
    return 1 + sum(_count(part, depth - 1) for part in _parts(value))


def _parts(value: Any) -> Collection[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _check_numbers(value: Any) -> None:
    """Check numbers, also fractions: the database returns 1e23 as a whole number. Raises NoLimits."""
    if isinstance(value, int | float) and not LEAST <= value <= MOST:
        raise NoLimits(f"These limits contain a number that is too large. Use numbers from {LEAST} to {MOST}.")
    for part in _parts(value):
        _check_numbers(part)


def _check_words(schema: Any) -> None:
    """Check that every part is one that is evaluated. Raises NoLimits."""
    if not isinstance(schema, dict):
        return
    if unknown := sorted(set(schema) - WORDS - REMARKS):
        raise NoLimits(f"{unknown[0]} cannot be a limit. Use only these:  {', '.join(sorted(WORDS))}.")
    for below in _schemas_in(schema):
        _check_words(below)


def _schemas_in(schema: dict[str, Any]) -> Iterator[Any]:
    for word, part in schema.items():
        if word in ("items", "contains", "not", "additionalProperties"):
            yield part
        elif word in ("anyOf", "allOf", "oneOf") and isinstance(part, list):
            yield from part
        elif word == "properties" and isinstance(part, dict):
            yield from part.values()
