"""One run in the hands of a runner (`job`), and who answers in the name of an alias (`members`)."""

from chat.runs.job.job import REVOKED, Job, Work

__all__ = ["REVOKED", "Job", "Work"]
