"""People and the tenants they belong to."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
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
    """Creates people. They are identified by their email address, in lower case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with that address, whatever its capitalization."""
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, *, tenant: Tenant, **fields: Any) -> "User":
        """Create a person in the tenant. Without a password they can only sign in by link or proxy."""
        person = self.model(email=email.lower(), tenant=tenant, **fields)
        person.set_password(password)
        person.save()
        return person


def called_by(email: str) -> str:
    """Derive a name from the address for a person who has not given one."""
    return email.split("@", maxsplit=1)[0].capitalize()


class User(AbstractBaseUser):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="people")
    email = models.EmailField("email", unique=True)
    name = models.CharField(max_length=120, blank=True)
    instructions = models.TextField(blank=True, help_text="Instructions that every answer for this person starts with.")
    is_staff = models.BooleanField(
        "operator", default=False, help_text="Can open the operators' pages and change everything there."
    )
    is_owner = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(
        default=True, help_text="Off: suspended. A suspended person cannot sign in, and their sessions end."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = (
            models.UniqueConstraint(
                fields=["is_owner"], condition=models.Q(is_owner=True), name="one_owner_of_the_installation"
            ),
        )

    def __str__(self) -> str:
        return self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Convert to lower case, also in forms: Django calls this before it saves a person."""
        return super().normalize_username(username).lower()

    @property
    def display_name(self) -> str:
        """The person's name in the portal."""
        return self.name or called_by(self.email)

    @property
    def parallel_answers(self) -> int:
        """The number of answers the person may have running at once: the highest of their groups, otherwise the setting."""
        most = self.groups.aggregate(models.Max("parallel_answers"))["parallel_answers__max"]
        return int(settings.PARALLEL_ANSWERS if most is None else most)

    def has_perm(self, _permission: str, _thing: object = None) -> bool:
        """Let active operators use Django's admin. All other rights are decided by `accounts.access`."""
        return self.is_active and self.is_staff

    def has_module_perms(self, _app: str) -> bool:
        """Let active operators use all parts of Django's admin."""
        return self.is_active and self.is_staff
