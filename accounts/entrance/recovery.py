"""Letting somebody in again who lost their phone and their recovery codes. Only an operator decides that."""

from allauth.mfa.models import Authenticator

from accounts import audit, visits
from accounts.models import User


def forget_second_factors(person: User) -> int:
    """Take away the app, the codes and the passkeys, and sign the person out everywhere; gives how many they were."""
    count: int = Authenticator.objects.filter(user=person).delete()[0]
    visits.end_others(person)
    audit.record("second_factor.forgotten", "person", person.pk, count=count)
    return count
