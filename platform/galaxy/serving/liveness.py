"""Liveness: the worker's key in Redis, and the state of a web process that is stopping.

A module of its own, so that readers do not load Celery (7 MB).
"""

import threading

WORKER_ALIVE = "worker:alive"  # a key in Redis that exists while any worker runs

_stopping = threading.Event()


def begin_to_stop() -> None:
    """Answer `/readyz` with 503 from now on, so that a load balancer sends no one here."""
    _stopping.set()


def is_stopping() -> bool:
    """Check whether this process is stopping."""
    return _stopping.is_set()
