"""Django's sessions, each with the person it signs in, so that theirs are found without opening everyone's."""

from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import SessionManager
from django.db import models


class Session(AbstractBaseSession):
    """A row of Django's own table. `person_id` is empty while no one is signed in, and in a row of an earlier version."""

    person_id = models.UUIDField(null=True)

    objects: ClassVar[SessionManager[Any]] = SessionManager()

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        managed = False  # the table is Django's; a migration adds the column
        db_table = "django_session"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """What opens a row. It knows this table, so that it is looked up when it is needed."""
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
