"""Signs of life: the worker's key in Redis, for who writes it and who looks, and a web process that is about to stop.

Apart from both sides: whoever looks loads nothing of Celery (7 MB).
"""

import threading

WORKER_ALIVE = "worker:alive"  # a key in Redis, there while any worker is

_stopping = threading.Event()


def begin_to_stop() -> None:
    """Answer `/readyz` with 503 from now on, so that a load balancer sends no one here any more."""
    _stopping.set()


def is_stopping() -> bool:
    """Tell if this process is about to stop."""
    return _stopping.is_set()
