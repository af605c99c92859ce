"""Groups of a tenant's people, who share grants."""

from django.db import models
from uuid_utils.compat import uuid7

from accounts.models.people import Tenant, User


class Group(models.Model):
    """People who share grants. If `claim` is set, membership is synced with that group of the sign-in provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=120)
    claim = models.CharField(
        max_length=200,
        blank=True,
        help_text="A group of your sign-in provider: its members are added here, and removed with it.",
    )
    parallel_answers = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="How many answers each member may have running at once. Leave it empty for the default.",
    )
    people = models.ManyToManyField(User, through="accounts.Membership", related_name="groups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="group_once_in_a_tenant")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Membership of a person in a group, and its source: a provider removes only the members it added."""

    class Source(models.TextChoices):
        """The source of a membership."""

        OPERATOR = "operator"
        PROVIDER = "provider"

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    source = models.CharField(max_length=16, choices=Source, default=Source.OPERATOR)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="person_once_in_a_group")]

    def __str__(self) -> str:
        return f"{self.person} in {self.group}"
