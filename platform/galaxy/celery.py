"""Celery: background tasks and their schedule. The row in PostgreSQL is the truth; a message is a hint to look at it."""

import threading
from datetime import timedelta
from typing import Any

from celery import Celery, bootsteps
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from galaxy.serving.liveness import WORKER_ALIVE

ALIVE_SECONDS, BEAT_SECONDS = 15, 5

app = Celery("galaxy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["accounts.doors"])
app.conf.beat_schedule = {
    "forget-expired-sign-ins": {"task": "accounts.tasks.forget_expired", "schedule": timedelta(days=1)},
    "note-the-audits-end": {"task": "accounts.tasks.note_the_audits_end", "schedule": timedelta(minutes=1)},
    "forget-apps": {"task": "accounts.tasks.forget_apps", "schedule": timedelta(days=1)},
    "delete-marked-conversations": {
        "task": "chat.tasks.delete_marked_conversations",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 15},  # a worker that was away has the next look at all of them
    },
    "sweep-long-calls": {
        "task": "tools.tasks.sweep_long_calls",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},  # as above
    },
    "forget-request-keys": {"task": "chat.tasks.forget_request_keys", "schedule": timedelta(hours=1)},
}


class SignOfLife(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """Maintains a key in Redis while the worker runs, which `/readyz` checks."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._ended = threading.Event()

    def start(self, parent: Any) -> None:  # noqa: ARG002  Celery's signature
        """Start the thread."""
        threading.Thread(target=self._run, name="sign-of-life", daemon=True).start()

    def stop(self, parent: Any) -> None:  # noqa: ARG002  Celery's signature
        """Stop the thread; the key expires a few seconds later."""
        self._ended.set()

    def _run(self) -> None:
        redis = Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        while not self._ended.is_set():
            try:
                redis.set(WORKER_ALIVE, 1, ex=ALIVE_SECONDS)
            except RedisError:
                pass  # then the worker looks dead, and without Redis it is
            self._ended.wait(BEAT_SECONDS)


app.steps["worker"].add(SignOfLife)
