"""Long calls: queued as rows, run in the worker, and waited for by whoever asked (docs/tools.md).

The row in PostgreSQL is the truth (`claims`). Celery and Redis carry hints to look at it (`hints`, `channel`).
"""
