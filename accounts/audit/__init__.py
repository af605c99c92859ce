"""Who did what, when, by which door, on what, with which outcome: told by `record`, kept in a chain that shows any change.

`record` costs its caller next to nothing: entries are written in batches by a thread of their own. Who acts is said once, at
the door (`acting`), and taken over by everything that is recorded below it.
"""

from accounts.audit.actor import Actor, acting, actor
from accounts.audit.entry import Entry, Outcome
from accounts.audit.recorder import flush, record

__all__ = ["Actor", "Entry", "Outcome", "acting", "actor", "flush", "record"]
