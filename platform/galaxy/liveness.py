"""The worker's sign of life, for who writes it and who looks: whoever looks loads nothing of Celery (7 MB)."""

WORKER_ALIVE = "worker:alive"  # a key in Redis, there while any worker is
