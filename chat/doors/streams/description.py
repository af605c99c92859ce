"""Descriptions of event streams for the API's document: ninja can only describe operations that give JSON."""

from typing import Any

from chat.doors.streams.events import MOST_DIGITS

_NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**MOST_DIGITS - 1}


NOTICES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "Server-sent events. The data is a `notice` of the socket protocol, as JSON. The stream has no end.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    }
}


def _parameter(place: str, name: str, words: str) -> dict[str, Any]:
    return {"in": place, "name": name, "required": False, "schema": _NUMBER, "description": words}


def stream(words: str) -> dict[str, Any]:
    """Return additions to the operation's description. `words` say what the data of an event is."""
    return {
        "parameters": [
            _parameter("query", "after", "The number of the last event seen: those beyond it are sent. 0 for all."),
            _parameter("header", "Last-Event-ID", "The same, as an EventSource sends it. It goes before `after`."),
        ],
        "responses": {
            200: {
                "description": f"Server-sent events, each with its number as `id`. {words} The stream ends with the run.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            204: {"description": "The run has ended, and its last event was seen."},
        },
    }
