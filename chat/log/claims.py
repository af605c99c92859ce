"""The right to write a run's log, as every write names it."""

from typing import NamedTuple
from uuid import UUID


class Claim(NamedTuple):
    """A run that this process may work on. The database takes nothing under an older fence."""

    run_id: UUID
    fence: int
