"""Takes entries from wherever they happen and writes them in batches, off everybody's path.

One thread a process. What the database does not take is kept and tried again; what grows beyond memory's share goes to the log,
whole, so that nothing is lost in silence.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from typing import Any

from django.db import InterfaceError, OperationalError, connection, connections, transaction

from accounts.audit import anchors, chain
from accounts.audit.actor import Actor, actor
from accounts.audit.entry import Entry, Outcome, detail_of, now
from accounts.audit.redaction import clean

WRITE_EVERY = 0.2
RETRY_AFTER = 1.0
LONGEST_TARGET = 500  # characters: PostgreSQL takes 2704 bytes into an index
MOST_AT_ONCE = 500
MOST_WAITING = 20_000
LAST_SECONDS = 3.0

logger = logging.getLogger(__name__)


def record(
    action: str,
    kind: str = "",
    target: object = "",
    *,
    outcome: Outcome = "ok",
    milliseconds: float | None = None,
    who: Actor | None = None,
    **detail: Any,
) -> None:
    """Record that `action` was done on the thing, once the transaction that does it is committed. Never raises, never waits.

    `action` is a dotted name of the past (`token.issued`), `detail` whatever tells more; secrets in it are hidden.
    """
    by = who or actor()
    entry = Entry(
        at=now(),
        tenant=str(by.tenant_id or ""),
        person=str(by.person_id or ""),
        via=by.via,
        client=by.client,
        action=action,
        kind=kind,
        target=clean(str(target))[:LONGEST_TARGET],
        outcome=outcome,
        milliseconds=None if milliseconds is None else round(milliseconds),
        correlation=by.correlation,
        detail=detail_of(detail),
    )
    if _in_transaction():
        transaction.on_commit(lambda: _recorder.put(entry))
    else:
        _recorder.put(entry)


def _in_transaction() -> bool:
    """Asks only connections that are there: each task of an event loop would be given one, for as long as it lives."""
    return any(known.in_atomic_block for known in connections.all(initialized_only=True))


def flush(seconds: float = LAST_SECONDS) -> bool:
    """Wait until everything recorded so far is written; False when it is not within the time."""
    return _recorder.flush(seconds)


class _Recorder:
    def __init__(self) -> None:
        self._waiting: deque[Entry] = deque()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._starting = threading.Lock()
        self._process = 0

    def put(self, entry: Entry) -> None:
        self._idle.clear()
        if len(self._waiting) >= MOST_WAITING:
            logger.error("The audit cannot be written; this entry is kept here alone: %s", entry)
            return
        self._waiting.append(entry)
        self._wake.set()
        if self._process != os.getpid():
            self._start()

    def flush(self, seconds: float) -> bool:
        return self._process != os.getpid() or self._idle.wait(seconds)

    def _start(self) -> None:
        """A thread of this process: after a fork, the parent's is not here."""
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._run, name="audit", daemon=True).start()
                atexit.register(self.flush, LAST_SECONDS)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            time.sleep(WRITE_EVERY)  # what comes meanwhile goes along
            self._wake.clear()
            while self._waiting and self._write():
                pass
            if not self._waiting:
                self._idle.set()

    def _write(self, most: int = MOST_AT_ONCE) -> bool:
        batch = [self._waiting[index] for index in range(min(len(self._waiting), most))]
        try:
            anchors.note_batch(chain.add(batch))
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database does not take the audit, trying again: %s", error)
            time.sleep(RETRY_AFTER)
            self._wake.set()
            return False
        except Exception:  # the thread's edge: an entry that can never be written must not keep those beside and after it
            if len(batch) > 1:
                return self._write(len(batch) // 2)
            logger.exception("The audit cannot be written; this entry is kept here alone: %s", batch)
        finally:
            connection.close()
        for _ in batch:
            self._waiting.popleft()
        return True


_recorder = _Recorder()
