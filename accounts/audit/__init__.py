"""The audit: who did what, when, how and with which outcome, in a hash chain that reveals any change.

`record` costs its caller almost nothing: a thread of its own writes entries in batches. The actor is set once, where a request
or command begins (`acting`), and applies to everything recorded within it.
"""

from accounts.audit.actor import Actor, acting, actor
from accounts.audit.entry import Entry, Outcome
from accounts.audit.recorder import flush, record

__all__ = ["Actor", "Entry", "Outcome", "acting", "actor", "flush", "record"]
