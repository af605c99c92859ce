"""A model's calls of tools, put together from the pieces in which they come. Pure."""

import json
import secrets
import string
from typing import Any

from accounts.storage.texts import cleaned, is_clean_json
from chat.parts import Origin, ToolCall
from chat.providers.base import ToolCallDelta

ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 9  # what every provider takes (Mistral: exactly this)
NOT_JSON = "INVALID_JSON"  # the one member of arguments that could not be read: a history of them can still be sent


class _Pieces:
    def __init__(self) -> None:
        self.id = self.name = self.arguments = ""
        self.data: dict[str, Any] = {}

    def add(self, delta: ToolCallDelta) -> None:
        self.id = delta.id or self.id
        if delta.name and delta.name != self.name:
            self.name += delta.name
        self.arguments += delta.arguments
        self.data |= delta.data or {}


class Calls:
    """The calls of one step. They are whole only when the model has finished."""

    def __init__(self) -> None:
        self._calls: list[_Pieces] = []
        self._by_index: dict[int, _Pieces] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def take(self, delta: ToolCallDelta) -> None:
        """Take a piece: it belongs to the call of its id, else of its index. A new id, or a second name, is a new call."""
        found = self._of(delta)
        if found is None:
            found = _Pieces()
            self._calls.append(found)
        self._by_index[delta.index] = found
        found.add(delta)

    def parts(self, step: int, origin: Origin) -> list[ToolCall]:
        """The calls in order, each with an id of our own. The provider's is kept for the provider."""
        return [self._part(call, step, origin) for call in self._calls]

    def _of(self, delta: ToolCallDelta) -> _Pieces | None:
        if delta.id:
            if same := next((call for call in self._calls if call.id == delta.id), None):
                return same
            latest = self._by_index.get(delta.index)
            return latest if latest and not latest.id else None
        latest = self._by_index.get(delta.index) or (self._calls[-1] if self._calls and not delta.name else None)
        return None if latest and delta.name and latest.name and _is_whole(latest.arguments) else latest

    @staticmethod
    def _part(call: _Pieces, step: int, origin: Origin) -> ToolCall:
        data = call.data | ({"id": call.id} if call.id else {})
        data = data if is_clean_json(data) else {}  # signed, or the provider's own: as it came or not at all
        return ToolCall(
            new_id(),
            cleaned(call.name),
            _arguments(cleaned(call.arguments)),
            step=step,
            origin=origin if data else None,
            data=data or None,
        )


def new_id() -> str:
    """An id for a call."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def _is_whole(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except ValueError:
        return False


def _arguments(text: str) -> str:
    """Arguments as valid JSON of an object."""
    if not text.strip():
        return "{}"
    return text if _is_whole(text) else json.dumps({NOT_JSON: text})
