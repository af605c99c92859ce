"""The tools of a chat as its composer shows them: by category to choose before the first message, locked after it."""

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from accounts.models import User
from chat.models import Conversation
from tools import access
from tools.specs import Risk, ToolSpec


class Group(NamedTuple):
    """The tools of one category."""

    name: str
    specs: list[ToolSpec]
    is_on: bool

    @property
    def names(self) -> str:
        """The tools' names, with blanks between them."""
        return " ".join(spec.name for spec in self.specs)

    @property
    def remark(self) -> str:
        """The number of tools, and whether some ask first."""
        count = f"{len(self.specs)} tool{'' if len(self.specs) == 1 else 's'}"
        return count if all(spec.risk is Risk.READ for spec in self.specs) else f"{count}, asks before changes"


class ToolChoice(NamedTuple):
    """All groups, and whether the choice is locked."""

    groups: list[Group]
    is_locked: bool

    @property
    def number(self) -> int:
        """The number of tools that are chosen."""
        return sum(len(group.specs) for group in self.groups if group.is_on)


def choice(person: User, conversation: Conversation | None) -> ToolChoice:
    """The tools that the person may use; in a chat that has begun, those that it was begun with."""
    specs = sorted((tool.spec for tool in access.tools_for(person)), key=attrgetter("category", "name"))
    chosen = conversation.tools if conversation else None
    groups = []
    for name, found in groupby(specs, attrgetter("category")):
        inside = list(found)
        on = [spec for spec in inside if chosen is None or spec.name in chosen]
        groups.append(Group(name, on or inside, bool(on)))
    return ToolChoice(groups, conversation is not None and conversation.leaf_id is not None)
