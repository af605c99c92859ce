"""The times of one request to a model, for its row."""

import time
from datetime import UTC, datetime, timedelta


class Timing:
    """Moments of a request: its beginning, and its first and last words."""

    __slots__ = ("_at", "_began", "_first", "_last")

    def __init__(self) -> None:
        self._at, self._began = time.time(), time.monotonic()
        self._first = self._last = 0.0

    def speaks(self, now: float) -> None:
        """Note that words or calls came, by `time.monotonic`."""
        self._first = self._first or now
        self._last = now

    @property
    def at(self) -> datetime:
        """The moment of the request."""
        return datetime.fromtimestamp(self._at, UTC)

    @property
    def first_token(self) -> timedelta | None:
        """From the request to the first token; None if none came."""
        return timedelta(seconds=self._first - self._began) if self._first else None

    @property
    def took(self) -> timedelta | None:
        """From the request to the last token; None if none came."""
        return timedelta(seconds=self._last - self._began) if self._last else None
