"""Budgets, and the ledger of what was spent."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.groups import Group
from accounts.models.people import Tenant, User
from accounts.models.tokens import AccessToken


def in_words(amount: Decimal | float, measure: str, *, bare: bool = False) -> str:
    """So much of what is counted, such as "$2.50", "1 request" or "2,000 tokens"; `bare` leaves the last word away."""
    figures, _, rest = f"{amount:,.6f}".rstrip("0").partition(".")
    if measure == Budget.Measure.COST:
        return f"${figures}.{rest:0<2}"
    number = f"{figures}.{rest}".rstrip(".")
    return number if bare else f"{number} {measure.removesuffix('s') if amount == 1 else measure}"


class Budget(models.Model):
    """How much may be spent in a period: by a person, a token, a group or everybody, on some things or all."""

    class Measure(models.TextChoices):
        """What is counted. Money is in US dollars."""

        REQUESTS = "requests"
        TOKENS = "tokens"
        COST = "cost"

    class Period(models.TextChoices):
        """When the count begins again, in UTC."""

        MINUTE = "minute"
        HOUR = "hour"
        DAY = "day"
        MONTH = "month"

    class About(models.TextChoices):
        """What the budget is for; empty: everything."""

        MODEL = "model"
        PROVIDER = "provider"
        TOOL = "tool"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="budgets")
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets")
    token = models.ForeignKey(AccessToken, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets")
    shared = models.BooleanField(
        default=False, help_text="The group's people, or everybody, share it. Else each of them has as much for themselves."
    )
    about = models.CharField(max_length=12, choices=About, blank=True)
    target = models.CharField(
        "thing", max_length=200, blank=True, help_text="A model's, provider's or tool's name; empty: all."
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
        """How much of what and how often, in words; whose it is, `whom` says."""
        what = f" for {self.target or f'each {self.about}'}" if self.about else ""
        return f"{in_words(self.amount, self.measure)} a {self.period}{what}"

    @property
    def whom(self) -> str:
        """Whose budget it is, in words."""
        if one := self.person or self.token:
            return str(one)
        return f"{'all of' if self.shared else 'each of'} {self.group or 'everybody'}"

    def clean(self) -> None:
        """Refuse what could never count."""
        if sum(owner is not None for owner in (self.person, self.group, self.token)) > 1:
            raise ValidationError("Choose a person, a group or a token, or none of them for everybody.")
        if self.target and not self.about:
            raise ValidationError({"about": "Say what the thing is: a model, a provider or a tool."})


class Usage(models.Model):
    """The ledger: what one run or call took, written with its end. What Redis loses is counted from it again."""

    id = models.UUIDField(primary_key=True, help_text="That of the run or call: counted once")
    at = models.DateTimeField(default=timezone.now)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.UUIDField(null=True)
    model = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=80, blank=True)
    tool = models.CharField(max_length=200, blank=True)
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
