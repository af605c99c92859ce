"""Makes one query a second of a page take 200 ms: locks the table of sessions and asks for a page that reads it."""

import json
import sys
import threading
import time
from pathlib import Path

import django
from django.db import connection, transaction

from bench import machine

HELD = 0.2


def main(port: int, cookies: Path, seconds: float) -> None:
    """Runs with the installation's environment."""
    django.setup()
    cookie = json.loads(cookies.read_text())[-1]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
            threading.Thread(target=machine.status, args=(port, "/", cookie)).start()
            cursor.execute("SELECT pg_sleep(%s)", [HELD])
        time.sleep(1 - HELD)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
