"""The operator's list of models, a YAML file (`LLM_CONFIG_FILE`). It is read again when it changes.

llms:
  - name: "Claude"
    provider: "anthropic"
    base_url: "https://api.anthropic.com/v1"
    api_key: "${ANTHROPIC_API_KEY}"
    model_name: "claude-sonnet-4-5"
"""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import yaml
from msgspec import Meta

from chat.providers.base import ModelConfig
from chat.providers.known import registry
from chat.providers.known.file_state import state_of
from chat.providers.known.yaml_errors import reason

logger = logging.getLogger(__name__)

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Unavailable(NamedTuple):
    """A model of the list that cannot be asked, and why."""

    name: str
    reason: str


class Listed(NamedTuple):
    """Contents of the file. `problem` is empty while the file can be read."""

    models: tuple[ModelConfig, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    problem: str = ""


class _Entry(msgspec.Struct):
    name: str
    provider: str
    model_name: str
    base_url: str = ""
    api_key: str = ""
    headers: dict[str, str] = {}
    system_role: bool = True
    tools: bool = True
    context_window: Annotated[int, Meta(ge=256)] | None = None
    max_output: Annotated[int, Meta(ge=1)] | None = None


class _MissingVariableError(Exception):
    """A `${NAME}` that the environment does not have."""


class LlmsFile:
    """One file, with what it last held. A broken file leaves the last good list in force."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self._path, self._environ = path, environ
        self._seen: tuple[int, int, int] | None = None
        self._listed = Listed()

    def listed(self) -> Listed:
        """The models now. Costs one `stat` while nothing changes."""
        seen = state_of(self._path)
        if seen != self._seen:
            self._seen = seen
            self._listed = self._read() if seen else Listed()
        return self._listed

    def _read(self) -> Listed:
        try:
            return parse(self._path.read_text(encoding="utf-8"), self._environ)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
            problem = reason(error)
            logger.warning("The list of models %s cannot be read, the last good one stays in force: %s", self._path, problem)
            return self._listed._replace(problem=problem)


def parse(text: str, environ: Mapping[str, str]) -> Listed:
    """The list in a file's text. Raises yaml.YAMLError or msgspec.ValidationError for what is not a list of models at all."""
    document = yaml.safe_load(text) or {}
    entries = msgspec.convert(document, dict[str, list[Any] | None]).get("llms") or []
    models: list[ModelConfig] = []
    unavailable: list[Unavailable] = []
    for number, entry in enumerate(entries, 1):
        try:
            models.append(_model(entry, environ))
        except (_MissingVariableError, msgspec.ValidationError) as error:
            name = entry.get("name") if isinstance(entry, dict) else None
            unavailable.append(Unavailable(str(name or f"Entry {number}"), str(error)))
    return Listed(tuple(models), tuple(unavailable))


def _model(value: Any, environ: Mapping[str, str]) -> ModelConfig:
    entry = msgspec.convert(_filled(value, environ), _Entry, strict=False)
    return ModelConfig(
        entry.name,
        registry.canonical(entry.provider),
        entry.model_name,
        entry.base_url,
        entry.api_key.strip(),
        entry.headers,
        entry.system_role,
        entry.tools,
        context_window=entry.context_window,
        max_output=entry.max_output,
    )


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    """The value with every `${NAME}` in it replaced."""
    if isinstance(value, dict):
        return {key: _filled(member, environ) for key, member in value.items()}
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _variable(match[1], environ), value)
    return value


def _variable(name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise _MissingVariableError(f"{name} is not set in the environment.")
    return environ[name]
