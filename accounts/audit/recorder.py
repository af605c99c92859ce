"""Collects entries from anywhere in the process and writes them in batches, without delaying the caller.

One thread per process. Entries that the database refuses are kept and retried; when too many are waiting, further ones go to
the log in full, so that nothing is lost silently.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from accounts.audit import anchors, chain
from accounts.audit.actor import Actor, actor
from accounts.audit.entry import Entry, Outcome, detail_of, now
from accounts.audit.redaction import clean
from accounts.storage.connections import after_commit

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
    """Record `action` on the thing, once the surrounding transaction commits. Never raises, never waits.

    `action` is a dotted name in the past tense (`token.issued`), `detail` holds anything else; secrets in it are hidden.
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
    after_commit(lambda: _recorder.put(entry))


def flush(seconds: float = LAST_SECONDS) -> bool:
    """Wait until everything recorded so far is written; return False if time runs out."""
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
            logger.error("Cannot write the audit; this entry is kept only in this log: %s", entry)
            return
        self._waiting.append(entry)
        self._wake.set()
        if self._process != os.getpid():
            self._start()

    def flush(self, seconds: float) -> bool:
        return self._process != os.getpid() or self._idle.wait(seconds)

    def _start(self) -> None:
        """Start this process's thread: a fork does not copy the parent's."""
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._run, name="audit", daemon=True).start()
                atexit.register(self.flush, LAST_SECONDS)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            time.sleep(WRITE_EVERY)  # entries that arrive meanwhile join the batch
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
            logger.warning("Cannot write the audit to the database, trying again: %s", error)
            time.sleep(RETRY_AFTER)
            self._wake.set()
            return False
        except Exception:  # the thread's edge: an entry that can never be written must not block the others
            if len(batch) > 1:
                return self._write(len(batch) // 2)
            logger.exception("Cannot write the audit; this entry is kept only in this log: %s", batch)
        finally:
            connection.close()
        for _ in batch:
            self._waiting.popleft()
        return True


_recorder = _Recorder()
