"""Sessions in the database, as Django has them, with a cookie that outlives them."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.models import Session
from accounts.visits import TOLD_FOR


class SessionStore(DatabaseStore):
    """The browser keeps the key for a while after the session: who comes back with it is told that it was the time."""

    def get_expiry_age(self, **kwargs: Any) -> int:
        """How long the cookie is kept. When the session itself ends, `get_expiry_date` says."""
        return super().get_expiry_age(**kwargs) + int(TOLD_FOR.total_seconds())

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table, as Django has it, with the person's column."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of this session."""
        row: Any = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        return row
