"""Sessions in the database as in Django, with a cookie that outlives them."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.identity.login_sessions import TOLD_FOR
from accounts.models import Session


class SessionStore(DatabaseStore):
    """Keeps the cookie longer than the session, so that the sign-in page can say that it expired."""

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return the lifetime of the cookie; `get_expiry_date` gives that of the session."""
        return super().get_expiry_age(**kwargs) + int(TOLD_FOR.total_seconds())

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return Django's table with a column for the person."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Build the row of this session."""
        row: Any = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        return row
