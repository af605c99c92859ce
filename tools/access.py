"""The tools that a person may know of and use, as operators granted and set them."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts import limits
from accounts.access import USE, Judge, Thing, judge, may_each, rights_changes
from accounts.access.grantable_kinds import Kind, Named
from accounts.models import Budget, User
from tools import registry
from tools.calling.caller import Caller
from tools.errors import NotPermitted, UnknownTool
from tools.models import StandingApproval, ToolSetting
from tools.specs import Tool, ToolSpec

GOOD_FOR = 0.5  # seconds: what operators set is in force everywhere within one

MOST_KEPT = 10_000

K = TypeVar("K")
V = TypeVar("V")


class _Recent(Generic[K, V]):
    """Values that were read at most half a second ago."""

    def __init__(self) -> None:
        self._kept: dict[K, tuple[float, V]] = {}

    def find(self, key: K) -> tuple[float, V] | None:
        """Return the value and the moment (`time.monotonic`) from which it is."""
        found = self._kept.get(key)
        return found if found and time.monotonic() - found[0] <= GOOD_FOR else None

    def read(self, key: K, work: Callable[[], V]) -> V:
        """Read the value anew, and keep it."""
        began = time.monotonic()  # a change while it is read may be missing in it
        value = work()
        self._kept[key] = began, value
        if len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return value

    def forget(self, key: K) -> None:
        """Drop the value."""
        self._kept.pop(key, None)


_Key = tuple[UUID, UUID | None, bool]
_theirs: _Recent[UUID, list[Tool]] = _Recent()
_settings: _Recent[UUID, dict[str, ToolSetting]] = _Recent()
_rights: "_Recent[_Key, Rights]" = _Recent()


def settings_of(tenant_id: UUID) -> dict[str, ToolSetting]:
    """The tenant's settings by tool, at most half a second old."""
    if found := _settings.find(tenant_id):
        return found[1]
    return _settings.read(tenant_id, lambda: {row.tool: row for row in ToolSetting.objects.filter(tenant=tenant_id)})


def tools_for(person: User) -> list[Tool]:
    """The tools that the person may use, sorted by name; at most half a second old. Each call is checked anew."""
    found = _theirs.find(person.pk)
    return found[1] if found else _theirs.read(person.pk, lambda: _tools_for(person))


def _tools_for(person: User) -> list[Tool]:
    theirs = settings_of(person.tenant_id)
    known = [tool for tool in registry.all_tools() if _is_on(theirs.get(tool.spec.name)) and not tool.offered()]
    things = [_thing(person, tool.spec.name) for tool in known]
    return [tool for tool, allowed in zip(known, may_each(person, USE, things), strict=True) if allowed]


def described(name: str) -> ToolSpec | None:
    """The description of a tool, also of one that its caller may not use any more."""
    tool = registry.find(name)
    return tool.spec if tool else None


class Rights(NamedTuple):
    """All that decides about a person's calls, as it was at one moment."""

    judge: Judge
    settings: dict[str, ToolSetting]
    budgets: list[Budget]
    standing: list[StandingApproval]


def rights_of(caller: Caller) -> Rights:
    """Read what decides about the caller's calls, and keep it for half a second."""
    return _rights.read(_key(caller), lambda: _read(caller))


def _read(caller: Caller) -> Rights:
    person = caller.person
    standing = list(StandingApproval.objects.filter(person=person)) if caller.is_model else []
    budgets = limits.budgets_of(person, caller.token_id)
    return Rights(judge(person, TOOL.name), settings_of(person.tenant_id), budgets, standing)


def recent_rights(caller: Caller) -> Rights | None:
    """Return what was read at most half a second ago, if no right has changed since and no change can have been missed."""
    heard = rights_changes.rights
    heard.listen()
    found = _rights.find(_key(caller))
    return found[1] if found and heard.is_unchanged_since(found[0]) else None


def forget(caller: Caller) -> None:
    """Read the rights of the caller anew at the next call."""
    _rights.forget(_key(caller))


def check(rights: Rights, person: User, name: str, arguments: dict[str, Any]) -> tuple[Tool, ToolSetting | None]:
    """Return the tool, if the person may use it with these arguments. Raises UnknownTool and NotPermitted.

    Of a tool that the person may not use at all, not even the name is confirmed.
    """
    tool, setting = registry.find(name), rights.settings.get(name)
    if tool is None or not _is_on(setting) or not person.is_active:
        raise UnknownTool(name)
    decision = rights.judge(USE, _thing(person, name), arguments)
    if not decision:
        if rights.judge(USE, _thing(person, name), None):
            raise NotPermitted(f"You may not use {name} with these arguments: {decision.rule}.")
        raise UnknownTool(name)
    return tool, setting


def _key(caller: Caller) -> _Key:
    return caller.person.pk, caller.token_id, caller.is_model


def _is_on(setting: ToolSetting | None) -> bool:
    return setting is None or setting.is_on


def _thing(person: User, name: str) -> Thing:
    return Thing("tool", name, person.tenant_id)


def _all(_: UUID) -> Iterable[Named]:
    return [Named(tool.spec.name, f"{tool.spec.title} ({tool.spec.name})") for tool in registry.all_tools()]


TOOL = Kind("tool", (USE,), _all, open_at_first=True)


@receiver(post_delete, sender=StandingApproval)
def _approval_deleted(instance: StandingApproval, **_: Any) -> None:
    rights_changes.publish(instance.person_id)
