"""A model's calls of tools, put together from the pieces in which they come. Pure."""

import json
import secrets
import string
from collections.abc import Container
from typing import Any

from accounts.storage.texts import cleaned, is_clean_json, is_deep_json
from chat.parts import Origin, ToolCall
from chat.providers.base import ToolCallDelta

ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 9  # what every provider takes (Mistral: exactly this)
MOST_CALLS = 128
MOST_CHARACTERS = 1_000_000  # of all of a step
NOT_JSON = "INVALID_JSON"  # the one member of arguments that could not be read: a history of them can still be sent


class _Pieces:
    def __init__(self) -> None:
        self.id = self.name = self.arguments = ""
        self.data: dict[str, Any] = {}
        self.mended: tuple[str, ...] = ()

    def add(self, delta: ToolCallDelta) -> None:
        self.id = delta.id or self.id
        if delta.name and delta.name != self.name:
            self.name += delta.name
        self.arguments += delta.arguments
        self.data |= delta.data or {}
        self.mended += delta.mended

    def repeats(self, delta: ToolCallDelta) -> bool:
        """Tell whether a piece is the whole call once more, as some servers end with it."""
        said = (delta.id, delta.name, delta.arguments)
        return bool(delta.id) and said == (self.id, self.name, self.arguments) and _is_whole(self.arguments)


class Calls:
    """The calls of one step. They are whole only when the model has finished."""

    def __init__(self, names: Container[str] = ()) -> None:
        self._names = names  # of the tools that the model knows
        self._calls: list[_Pieces] = []
        self._by_index: dict[int, _Pieces] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def is_flood(self) -> bool:
        """True if these are more calls than anyone wants at once, or longer ones than a tool takes."""
        return len(self._calls) > MOST_CALLS or self._size > MOST_CHARACTERS

    def clear(self) -> None:
        """Forget them."""
        self._calls.clear()
        self._by_index.clear()

    def take(self, delta: ToolCallDelta) -> None:
        """Take a piece: it belongs to the call of its id, else of its index. A new id, or a second name, is a new call.

        Servers give two calls one index, or one id, and one call a new id with each piece: then its name tells.
        """
        found = self._of(delta)
        if found and found.repeats(delta):
            return
        if found is None:
            found = _Pieces()
            self._calls.append(found)
        self._by_index[delta.index] = found
        self._size += len(delta.arguments) + len(delta.name or "")
        found.add(delta)

    def parts(self, step: int, origin: Origin) -> list[ToolCall]:
        """The calls in order, each with an id of our own. The provider's is kept for the provider."""
        taken: set[str] = set()
        return [self._part(call, step, origin, taken) for call in self._calls]

    def _of(self, delta: ToolCallDelta) -> _Pieces | None:
        latest = self._by_index.get(delta.index)
        if delta.id:
            same = next((call for call in reversed(self._calls) if call.id == delta.id), None)
            if same:
                repeats = same is latest and same.repeats(delta)
                return same if repeats or not self._is_another(delta, same, elsewhere=same is not latest) else None
            goes_on = latest and (not latest.id or (not delta.name and not _is_whole(latest.arguments)))
            return latest if goes_on else None
        latest = latest or (self._calls[-1] if self._calls and not delta.name else None)
        return None if latest and self._is_another(delta, latest) else latest

    def _is_another(self, delta: ToolCallDelta, call: _Pieces, *, elsewhere: bool = False) -> bool:
        """Tell whether a piece with a name begins another call than this one, of which it has the id or the index."""
        if not delta.name or not call.name:
            return False
        if elsewhere or (delta.arguments and _is_whole(call.arguments)):
            return True
        if delta.name == call.name:
            return False
        return _is_whole(call.arguments) or (call.name in self._names and call.name + delta.name not in self._names)

    @staticmethod
    def _part(call: _Pieces, step: int, origin: Origin, taken: set[str]) -> ToolCall:
        """The call as a part. Of several with one id, the first alone goes back to the provider under it."""
        data = call.data | ({"id": call.id} if call.id and call.id not in taken else {})
        taken.add(call.id)
        data = data if is_clean_json(data) else {}  # signed, or the provider's own: as it came or not at all
        return ToolCall(
            new_id(),
            cleaned(call.name),
            _arguments(cleaned(call.arguments)),
            step=step,
            origin=origin if data else None,
            data=data or None,
            repaired=call.mended,
        )


def new_id() -> str:
    """An id for a call."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def _is_whole(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


def _arguments(text: str) -> str:
    """Arguments as valid JSON of an object."""
    if not text.strip():
        return "{}"
    is_fit = _is_whole(text) and not is_deep_json(json.loads(text))
    return text if is_fit else json.dumps({NOT_JSON: text})
