"""Tasks of tools. They only point at rows: each ends at once, and what it asks for runs in the worker's own loop."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutdown, worker_shutting_down

from tools.execution import lane


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def run_long_call(call_id: str) -> None:
    """Run a queued call in this worker, if no other has it."""
    lane.lane().offer(call_id)


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def sweep_long_calls() -> None:
    """Bring on the calls whose worker is gone, or of which no worker was told."""
    lane.lane().sweep()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery has no types
def leave(**_: Any) -> None:
    """Begin to let go of calls."""
    lane.leave()


@worker_shutdown.connect  # type: ignore[untyped-decorator]  # Celery has no types
def close(**_: Any) -> None:
    """Wait until calls are let go of."""
    lane.close()
