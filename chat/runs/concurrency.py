"""Number of answers that a person may have running at once: one, unless the operator or a group says otherwise."""

from collections import Counter

from django.db import connection

from accounts.models import User
from chat.errors import TooMany
from chat.models import Run

MOST_WAITING = 20  # all of them may be decided in one moment, and then run


def check(person: User) -> None:
    """Raises TooMany. Whoever asks for the same person meanwhile waits for this transaction, so that the count is true."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"answers of {person.pk}"])
    states = Counter(Run.objects.filter(person=person, status__in=Run.OPEN).values_list("status", flat=True))
    running, most = sum(states[state] for state in Run.ACTIVE), person.parallel_answers
    if running >= most:
        which = "an answer" if most == 1 else f"{most} answers"
        raise TooMany(f"You already have {which} running. Wait for it, or stop it.")
    if states[Run.Status.WAITING] >= MOST_WAITING:
        raise TooMany(f"{MOST_WAITING} of your answers are waiting for your decision. Decide on one, or stop it.")
