"""Questions that a new chat suggests: examples of the tools that its person may use, other ones each day."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby, zip_longest
from operator import attrgetter
from typing import NamedTuple, TypeVar

from accounts.models import User
from tools import access
from tools.specs import ToolSpec

MOST = 4
T = TypeVar("T")


class Suggestion(NamedTuple):
    """A question, and the tool that answers it."""

    question: str
    tool: str


def suggestions(person: User, today: date) -> list[Suggestion]:
    """A few questions, of as many categories of the person's own tools as there are."""
    specs = sorted((tool.spec for tool in access.tools_for(person)), key=attrgetter("category", "name"))
    categories = [_of_category(found, today) for _, found in groupby(specs, attrgetter("category"))]
    groups = _turned([one for one in categories if one], today)
    return [one for turn in zip_longest(*groups) for one in turn if one is not None][:MOST]


def _of_category(specs: Iterable[ToolSpec], today: date) -> list[Suggestion]:
    examples = ((spec, example) for spec in specs for example in spec.examples)
    return _turned([Suggestion(one.question, spec.title) for spec, one in examples if one.is_general], today)


def _turned(values: list[T], today: date) -> list[T]:
    """The values in their order, beginning with another one each day."""
    at = today.toordinal() % len(values) if values else 0
    return values[at:] + values[:at]
