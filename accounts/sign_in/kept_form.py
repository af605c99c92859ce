"""Forms interrupted by a confirmation of identity: kept in the session meanwhile, then sent again.

Forms with a password or another secret are not kept and must be filled in again.
"""

import re
import secrets
from typing import NamedTuple

from django.http import HttpRequest

KEPT = "accounts.carried"
SECRET = re.compile("password|secret|credential|token|^address$", re.IGNORECASE)  # a database's address has one in it
CSRF = "csrfmiddlewaretoken"
LONGEST = 50_000


class Carried(NamedTuple):
    """A form and its address."""

    path: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest) -> str:
    """Keep the form and return the key to find it by, or an empty string if it is not kept."""
    fields = [(name, str(value)) for name, values in request.POST.lists() for value in values if name != CSRF]
    holds_secret = any(SECRET.search(name) and value for name, value in fields)
    if request.method != "POST" or request.FILES or holds_secret or sum(len(n) + len(v) for n, v in fields) > LONGEST:
        return ""
    key = secrets.token_urlsafe(9)
    request.session[KEPT] = {"key": key, "path": request.get_full_path(), "fields": fields}
    return key


def is_kept(request: HttpRequest, key: str) -> bool:
    """Check whether there is a form under the key."""
    return bool(key) and request.session.get(KEPT, {}).get("key") == key


def take(request: HttpRequest, key: str) -> Carried | None:
    """Return the form and delete it."""
    if not is_kept(request, key):
        return None
    kept = request.session.pop(KEPT)
    return Carried(kept["path"], [(name, value) for name, value in kept["fields"]])
