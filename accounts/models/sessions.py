"""Django's sessions with the person they sign in, so that a person's sessions are found without decoding everyone's."""

from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import SessionManager
from django.db import models


class Session(AbstractBaseSession):
    """A row of Django's own table. `person_id` is empty before sign-in, and in rows of an earlier version."""

    person_id = models.UUIDField(null=True)

    objects: ClassVar[SessionManager[Any]] = SessionManager()

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        managed = False  # the table is Django's; a migration adds the column
        db_table = "django_session"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return the class that decodes a row. It uses this table, so it is imported late."""
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
