"""Removing the second factors of a person who lost their phone and recovery codes. Only an operator may decide that."""

from allauth.mfa.models import Authenticator

from accounts import audit
from accounts.identity import login_sessions
from accounts.models import User


def forget_second_factors(person: User) -> int:
    """Remove app, codes and passkeys, and sign the person out everywhere; return the number of factors."""
    count: int = Authenticator.objects.filter(user=person).delete()[0]
    login_sessions.end_others(person)
    audit.record("second_factor.forgotten", "person", person.pk, count=count)
    return count
