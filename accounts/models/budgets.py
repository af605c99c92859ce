"""Budgets and the ledger of usage."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.groups import Group
from accounts.models.people import Tenant, User
from accounts.models.tokens import AccessToken


def in_words(amount: Decimal | float, measure: str, *, bare: bool = False) -> str:
    """Format an amount, such as "$2.50", "1 request" or "2,000 tokens"; `bare` leaves out the unit."""
    figures, _, rest = f"{amount:,.6f}".rstrip("0").partition(".")
    if measure == Budget.Measure.COST:
        return f"${figures}.{rest:0<2}"
    number = f"{figures}.{rest}".rstrip(".")
    return number if bare else f"{number} {measure.removesuffix('s') if amount == 1 else measure}"


class Budget(models.Model):
    """A limit on spending in a period: for a person, a token, a group or everyone, on some things or all."""

    class Measure(models.TextChoices):
        """The unit of a budget. Money is in US dollars."""

        REQUESTS = "requests"
        TOKENS = "tokens"
        COST = "cost"

    class Period(models.TextChoices):
        """The period after which the count restarts, in UTC."""

        MINUTE = "minute"
        HOUR = "hour"
        DAY = "day"
        MONTH = "month"

    class About(models.TextChoices):
        """The kind of thing that a budget is for; empty for everything."""

        MODEL = "model"
        PROVIDER = "provider"
        TOOL = "tool"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="budgets")
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets")
    token = models.ForeignKey(AccessToken, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets")
    shared = models.BooleanField(
        default=False,
        help_text="On: the people of the group, or everyone, share the amount. Off: each of them has the whole amount.",
    )
    about = models.CharField(max_length=12, choices=About, blank=True)
    target = models.CharField(
        "thing", max_length=200, blank=True, help_text="The name of a model, provider or tool. Leave it empty for all."
    )
    measure = models.CharField(max_length=12, choices=Measure)
    amount = models.DecimalField(max_digits=16, decimal_places=6)
    period = models.CharField(max_length=8, choices=Period)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="budget_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.terms}, {self.whom}"

    @property
    def terms(self) -> str:
        """Amount, period and thing in words, without the owner."""
        what = f" for {self.target or f'each {self.about}'}" if self.about else ""
        return f"{in_words(self.amount, self.measure)} a {self.period}{what}"

    @property
    def whom(self) -> str:
        """The owner of the budget in words."""
        if one := self.person or self.token:
            return str(one)
        return f"{'all of' if self.shared else 'each of'} {self.group or 'everyone'}"

    def clean(self) -> None:
        """Refuse a budget that could never apply."""
        if sum(owner is not None for owner in (self.person, self.group, self.token)) > 1:
            raise ValidationError("Choose a person, a group or a token, or none of them for everyone.")
        if self.target and not self.about:
            raise ValidationError({"about": "Choose what the thing is: a model, a provider or a tool."})


class Usage(models.Model):
    """The ledger: the usage of one run or call, written at its end. A count that Redis lost is rebuilt from it."""

    id = models.UUIDField(primary_key=True, help_text="The id of the run or call, which is counted once.")
    at = models.DateTimeField(default=timezone.now)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.UUIDField(null=True)
    model = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=80, blank=True)
    tool = models.CharField(max_length=200, blank=True)
    is_aside = models.BooleanField(
        "beside an answer",
        default=False,
        db_default=False,  # processes of the version before write rows, too, while this one starts
        help_text="Such as a request for a title, which the person did not make.",
    )
    tokens = models.BigIntegerField(default=0)
    cost = models.DecimalField(max_digits=16, decimal_places=8, default=0)

    class Meta:
        verbose_name_plural = "usage"
        indexes = [
            models.Index(fields=["tenant", "at"], name="usage_of_a_tenant"),
            models.Index(fields=["person", "at"], name="usage_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.tokens} tokens, ${self.cost:.4f}"
