"""People and the tenants they belong to."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7


class Tenant(models.Model):
    """A household, team or company. Every object belongs to exactly one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people; their e-mail address is their name, kept in lower case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with that address, however it is capitalised."""
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, *, tenant: Tenant, **fields: Any) -> "User":
        """A new person of the tenant; without a password they can only come in by link or proxy."""
        person = self.model(email=email.lower(), tenant=tenant, **fields)
        person.set_password(password)
        person.save()
        return person


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="people")
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField("operator", default=False, help_text="May open the operators' pages.")
    is_active = models.BooleanField(default=True, help_text="A person who is not active cannot sign in or use a session.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """In lower case, also where it is typed into a form: Django asks this before it saves one."""
        return super().normalize_username(username).lower()

    @property
    def display_name(self) -> str:
        """What the person is called in the portal."""
        return self.name or self.email.split("@")[0].capitalize()


class SignInLink(models.Model):
    """A link that signs one person in once. Only the token's SHA-256 is kept: the token itself has 256 random bits."""

    LIFETIME = timedelta(hours=24)

    digest = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Sign-in link of {self.person}"

    @classmethod
    def issue(cls, person: User) -> str:
        """Make a link and give its token, which is shown once and kept nowhere."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(digest=cls._digest(token), person=person, expires_at=timezone.now() + cls.LIFETIME)
        return token

    @classmethod
    def person_of(cls, token: str) -> User | None:
        """Whom the link would sign in; it stays unused. None for one that is unknown, used, or too old."""
        found = cls._usable(token, timezone.now()).select_related("person").first()
        return found.person if found else None

    @classmethod
    def redeem(cls, token: str, *, now: datetime | None = None) -> User | None:
        """The person of an unused link; the link is used up. None for one that is unknown, used, or too old."""
        now = now or timezone.now()
        if not cls._usable(token, now).update(used_at=now):
            return None
        return cls.objects.select_related("person").get(digest=cls._digest(token)).person

    @classmethod
    def _usable(cls, token: str, now: datetime) -> "models.QuerySet[SignInLink]":
        return cls.objects.filter(digest=cls._digest(token), used_at=None, expires_at__gt=now, person__is_active=True)

    @staticmethod
    def _digest(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()


from accounts.vault_model import Secret as Secret  # noqa: E402, PLC0414
