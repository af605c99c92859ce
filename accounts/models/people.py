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


def called_by(email: str) -> str:
    """What somebody of this address is called before they say it themselves."""
    return email.split("@", maxsplit=1)[0].capitalize()


class User(AbstractBaseUser):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="people")
    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=120, blank=True)
    instructions = models.TextField(blank=True, help_text="What every new chat of this person starts with.")
    is_staff = models.BooleanField("operator", default=False, help_text="May open the operators' pages and change all there.")
    is_owner = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(default=True, help_text="Off: suspended. Such a person cannot sign in or use a session.")
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
        """In lower case, also where it is typed into a form: Django asks this before it saves one."""
        return super().normalize_username(username).lower()

    @property
    def display_name(self) -> str:
        """What the person is called in the portal."""
        return self.name or called_by(self.email)

    @property
    def parallel_answers(self) -> int:
        """How many answers the person may have running at once: what a group of theirs says, else what the settings say."""
        most = self.groups.aggregate(models.Max("parallel_answers"))["parallel_answers__max"]
        return int(settings.PARALLEL_ANSWERS if most is None else most)

    def has_perm(self, _permission: str, _thing: object = None) -> bool:
        """Django's admin asks this: operators may do there what the pages offer. All else is `accounts.access`."""
        return self.is_active and self.is_staff

    def has_module_perms(self, _app: str) -> bool:
        """As `has_perm`, for a whole app."""
        return self.is_active and self.is_staff
