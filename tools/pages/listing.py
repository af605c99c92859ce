"""The list of tools that a person may use, by category."""

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from accounts.models import User
from tools import access
from tools.models import ToolSetting
from tools.pages import use
from tools.pages.use import Use
from tools.specs import Risk, Tool, ToolSpec

ASKS = ToolSetting.Ask


class Badge(NamedTuple):
    """Word on when a person is asked before a model's call runs."""

    words: str
    icon: str = ""
    look: str = ""


class Row(NamedTuple):
    """One tool with its use."""

    spec: ToolSpec
    badge: Badge
    use: Use

    @property
    def category(self) -> str:
        """The group it stands in."""
        return self.spec.category

    @property
    def summary(self) -> str:
        """The description's first line."""
        return self.spec.description.partition("\n")[0]


class Group(NamedTuple):
    """Tools of one category."""

    name: str
    rows: list[Row]


def groups(person: User, wanted: str = "") -> list[Group]:
    """The tools that the person may use and whose name, title or description has all the wanted words."""
    counted = use.of_person(person)
    settings = access.settings_of(person.tenant_id)
    words = wanted.lower().split()
    rows = [
        Row(tool.spec, badge(tool, settings.get(tool.spec.name)), counted.get(tool.spec.name, use.NONE))
        for tool in access.tools_for(person)
        if all(word in _searched(tool.spec) for word in words)
    ]
    rows.sort(key=attrgetter("category", "spec.name"))
    return [Group(name, list(found)) for name, found in groupby(rows, attrgetter("category"))]


def badge(tool: Tool, setting: ToolSetting | None) -> Badge:
    """Say when a person is asked."""
    ask = setting.ask if setting else ""
    if tool.spec.risk is Risk.CRITICAL:
        return Badge("Always asks", "hand", "warn")
    if ask == ASKS.ALWAYS:
        return Badge("Asks each time", "hand", "warn")
    if ask == ASKS.NEVER or (tool.spec.risk is Risk.READ and ask != ASKS.ONCE):
        return Badge("Runs freely")
    return Badge("Asks once", "hand")


def _searched(spec: ToolSpec) -> str:
    return f"{spec.name} {spec.title} {spec.category} {spec.description}".lower()
