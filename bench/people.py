"""Makes persons and signed-in sessions in a running installation; prints their cookies as a JSON list."""

import json
import sys

import django


def main(count: int) -> None:
    """Runs with the installation's environment."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - Django must be set up first
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from accounts.people.directory import find_or_make  # noqa: PLC0415
    from tools.models import ToolSetting  # noqa: PLC0415 - Django must be set up first

    cookies = []
    for number in range(count):
        person = find_or_make(f"bench-{number}@localhost")
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
        ToolSetting.objects.get_or_create(tenant=person.tenant, tool="current_time", defaults={"ask": ToolSetting.Ask.ALWAYS})
    print(json.dumps(cookies))


if __name__ == "__main__":
    main(int(sys.argv[1]))
