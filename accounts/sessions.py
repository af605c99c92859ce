"""Sessions in the database, as Django has them, with a cookie that outlives them."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.visits import TOLD_FOR


class SessionStore(DatabaseStore):
    """The browser keeps the key for a while after the session: who comes back with it is told that it was the time."""

    def get_expiry_age(self, **kwargs: Any) -> int:
        """How long the cookie is kept. When the session itself ends, `get_expiry_date` says."""
        return super().get_expiry_age(**kwargs) + int(TOLD_FOR.total_seconds())
