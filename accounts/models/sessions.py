"""Django's sessions, each with the person it signs in, so that theirs are found without opening everyone's."""

from typing import Any, ClassVar

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
