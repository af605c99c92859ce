"""One run in the hands of a runner (`job`), its provider (`asked`), and the members of an alias (`members`)."""

from chat.runs.job.job import REVOKED, Job, Work

__all__ = ["REVOKED", "Job", "Work"]
