"""The limits of a grant: the part of JSON Schema that can be judged without asking anybody and in a time that is known.

References would call addresses and files (`$ref`), patterns can take for ever (CWE-1333): neither is a limit here.
"""

from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import orjson

from accounts.texts import is_clean_json

MOST_DEPTH = 8
MOST_PARTS = 200
LEAST, MOST = -(2**63), 2**63 - 1  # numbers of 64 bits, which every reader of JSON keeps as they are
WORDS = frozenset((
    "type", "enum", "const", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "items", "contains", "minItems", "maxItems", "not", "anyOf", "allOf", "oneOf",
))  # fmt: skip
REMARKS = frozenset(("title", "description"))


class NoLimits(ValueError):
    """These cannot be limits. Says why."""


class CannotBeJudged(ValueError):
    """Whether the arguments are within the limits cannot be told. Says why."""


def check(limits: Any) -> None:
    """Raises NoLimits for what is no JSON Schema of an object, or none that is judged here."""
    if not isinstance(limits, dict):
        raise NoLimits('A JSON Schema is an object, such as {"properties": {"brightness": {"maximum": 80}}}.')
    if _count(limits, MOST_DEPTH) > MOST_PARTS:
        raise NoLimits("These limits have too many parts.")
    if not is_clean_json(limits):
        raise NoLimits("These limits hold a number or a character that cannot be kept.")
    _check_numbers(limits)
    _check_words(limits)
    library = _library()
    try:
        library.Draft202012Validator.check_schema(limits)
    except library.SchemaError as error:
        raise NoLimits(f"This is no JSON Schema: {error.message}") from error


def can_be_judged(limits: dict[str, Any]) -> bool:
    """Whether these are limits."""
    return _problem_of(limits) is None


def complaint(limits: dict[str, Any], arguments: dict[str, Any]) -> str | None:
    """What about the arguments is outside the limits; what cannot be judged lets nothing through. None: all is well."""
    try:
        return _first_error(limits, arguments)
    except CannotBeJudged as error:
        return str(error)


def may_fit(limits: dict[str, Any], arguments: dict[str, Any]) -> bool:
    """Whether the arguments are within the limits, or nobody can tell: then a denial forbids them."""
    try:
        return _first_error(limits, arguments) is None
    except CannotBeJudged:
        return True


def _first_error(limits: dict[str, Any], arguments: dict[str, Any]) -> str | None:
    """None: there is none. Raises CannotBeJudged."""
    if not limits:
        return None
    if problem := _problem_of(limits):
        raise CannotBeJudged(problem)
    if not is_clean_json(arguments):  # NaN, for one, is neither above nor below anything
        raise CannotBeJudged("These arguments hold a number or a character that cannot be judged")
    try:
        first = next(iter(_validator()({"type": "object", **limits}).iter_errors(arguments)), None)
        return first and f"{first.json_path.removeprefix('$.')}: {first.message}"
    except (ArithmeticError, ValueError, RecursionError) as error:  # numbers of hundreds of digits, thousands of brackets
        raise CannotBeJudged("These arguments are too large to be judged") from error


@cache
def _validator() -> Any:
    """Of the part that is judged."""
    full = _library().Draft202012Validator
    judged = {word: full.VALIDATORS[word] for word in WORDS}
    return _library().validators.create(full.META_SCHEMA, judged, type_checker=full.TYPE_CHECKER)


def _library() -> Any:
    """Loaded with the first limits that are looked at: it takes 20 ms of every start, and most processes never see any."""
    return import_module("jsonschema")


def _problem_of(limits: dict[str, Any]) -> str | None:
    try:
        return _problem(orjson.dumps(limits))
    except TypeError:  # what orjson says of numbers that are too large, of text that is none, and of too many brackets
        return "These limits hold a number or a character that cannot be judged."


@lru_cache(maxsize=512)
def _problem(limits: bytes) -> str | None:
    """Rows may be older than a rule, or written past the form: they are looked at again, each once."""
    try:
        check(orjson.loads(limits))
    except NoLimits as error:
        return str(error)
    return None


def _count(value: Any, depth: int) -> int:
    """How many parts it has. Raises NoLimits where it is too deep."""
    if depth < 0:
        raise NoLimits("These limits are nested too deeply.")
    return 1 + sum(_count(part, depth - 1) for part in _parts(value))


def _parts(value: Any) -> Collection[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _check_numbers(value: Any) -> None:
    """Also of fractions: the database gives 1e23 back as a whole number. Raises NoLimits."""
    if isinstance(value, int | float) and not LEAST <= value <= MOST:
        raise NoLimits(f"These limits hold a number that is too large. Numbers go from {LEAST} to {MOST}.")
    for part in _parts(value):
        _check_numbers(part)


def _check_words(schema: Any) -> None:
    """That every part is one which is judged. Raises NoLimits."""
    if not isinstance(schema, dict):
        return
    if unknown := sorted(set(schema) - WORDS - REMARKS):
        raise NoLimits(f"{unknown[0]} cannot be a limit. These can: {', '.join(sorted(WORDS))}.")
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
