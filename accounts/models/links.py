"""Links that sign a person in once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from accounts.models.people import User
from accounts.storage import single_use


class SignInLink(models.Model):
    """A link that signs one person in, once. The token has 256 random bits; only its SHA-256 is stored."""

    LIFETIME = timedelta(hours=24)

    digest = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Sign-in link of {self.person}"

    @classmethod
    def issue(cls, person: User) -> str:
        """Create a link and return its token, which is shown once and not stored."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(digest=cls._digest(token), person=person, expires_at=timezone.now() + cls.LIFETIME)
        return token

    @classmethod
    def person_of(cls, token: str) -> User | None:
        """Return the person of a usable link without using it up; None if it is unknown, used or expired."""
        found = cls._usable(token, timezone.now()).select_related("person").first()
        return found.person if found and found.person.is_active else None

    @classmethod
    def redeem(cls, token: str, *, now: datetime | None = None) -> User | None:
        """Use up the link and return its person; None if it is unknown, used or expired."""
        now = now or timezone.now()
        if cls.person_of(token) is None or not single_use.spend(cls._usable(token, now), used_at=now):
            return None
        return cls.objects.select_related("person").get(digest=cls._digest(token)).person

    @classmethod
    def _usable(cls, token: str, now: datetime) -> "models.QuerySet[SignInLink]":
        return cls.objects.filter(digest=cls._digest(token), used_at=None, expires_at__gt=now)

    @staticmethod
    def _digest(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()
