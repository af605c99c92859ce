"""A person's avatar: initials on a colour of their own."""

from typing import NamedTuple

from accounts.models import User

HUES = 12


class Avatar(NamedTuple):
    """Initials, and one of the twelve hues of `static/css/portal.css`."""

    initials: str
    hue: int


def avatar_of(person: User) -> Avatar:
    """Compute the avatar, which is the same everywhere."""
    words = person.display_name.split()
    initials = (words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])) if words else "?"
    return Avatar(initials.upper(), sum(person.email.encode()) % HUES)
