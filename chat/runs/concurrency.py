"""How many answers a person may have running at once: one, unless the operator or a group says otherwise."""

from django.db import connection

from accounts.models import User
from chat.errors import TooMany
from chat.models import Run


def check(person: User) -> None:
    """Raises TooMany. Whoever asks for the same person meanwhile waits for this transaction, so that the count is true."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"answers of {person.pk}"])
    running, most = Run.objects.filter(person=person, status__in=Run.ACTIVE).count(), person.parallel_answers
    if running >= most:
        which = "an answer" if most == 1 else f"{most} answers"
        raise TooMany(f"You have {which} running already. Wait for it, or stop it.")
