"""Groups of people of a tenant: what is granted to one is granted to each in it."""

from django.db import models
from uuid_utils.compat import uuid7

from accounts.models.people import Tenant, User


class Group(models.Model):
    """People who are granted things together. A sign-in provider's groups fill it where `claim` names one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=120)
    claim = models.CharField(
        max_length=200, blank=True, help_text="Who has this group at the sign-in provider is put in here, and taken out again."
    )
    parallel_answers = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many answers each may have running at once. Empty: as everybody."
    )
    people = models.ManyToManyField(User, through="accounts.Membership", related_name="groups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="group_once_in_a_tenant")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in one group, and who put them there: a provider takes out only those that it put in."""

    class Source(models.TextChoices):
        """Who says so."""

        OPERATOR = "operator"
        PROVIDER = "provider"

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    source = models.CharField(max_length=16, choices=Source, default=Source.OPERATOR)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="person_once_in_a_group")]

    def __str__(self) -> str:
        return f"{self.person} in {self.group}"
