"""The default model that an operator switched to, in a YAML file of the data folder. It is read again when it changes.

provider:
  active: anthropic        # a model's name, or a provider's
"""

import logging
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from chat.providers.known.file_state import state_of
from chat.providers.known.yaml_errors import reason

HEADING = "# Written by `manage.py switch_provider`. A change counts at once, without a restart. See docs/models.md.\n"

logger = logging.getLogger(__name__)


class Switch(NamedTuple):
    """Contents of the file: the name switched to, empty for none. `problem` is empty while the file can be read."""

    name: str = ""
    problem: str = ""


class BrokenFile(Exception):
    """The file is there and cannot be read. Says why."""


class _Provider(msgspec.Struct):
    active: str | None = None


class _Document(msgspec.Struct):
    provider: _Provider | None = None


class RuntimeFile:
    """One file. While it is broken it counts as empty: a last good state would be another one in each process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._switch = Switch()

    def switch(self) -> Switch:
        """The switch now. Costs one `stat` while nothing changes."""
        seen = state_of(self.path)
        if seen != self._seen:
            self._seen = seen
            self._switch = self._read_or_ignore() if seen else Switch()
        return self._switch

    def write(self, name: str) -> None:
        """Switch to a name, or to none; other contents stay. Raises BrokenFile, and OSError."""
        document = self._read()
        document["provider"] = {**(document.get("provider") or {}), "active": name or None}
        draft = self.path.with_suffix(".draft")
        draft.write_text(HEADING + yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
        draft.replace(self.path)  # in one step: no process reads half of it

    def _read_or_ignore(self) -> Switch:
        try:
            provider = msgspec.convert(self._read(), _Document).provider or _Provider()
        except BrokenFile as error:
            logger.warning("%s cannot be read and is ignored: %s", self.path, error)
            return Switch(problem=str(error))
        return Switch((provider.active or "").strip())

    def _read(self) -> dict[str, Any]:
        """The document, checked. Raises BrokenFile."""
        try:
            document = yaml.safe_load(self.path.read_text(encoding="utf-8")) or {}
            msgspec.convert(document, _Document)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, yaml.YAMLError, msgspec.ValidationError) as error:
            raise BrokenFile(reason(error)) from error
        found: dict[str, Any] = document
        return found
