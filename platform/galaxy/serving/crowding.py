"""Cap on the connections of a process, and the answer to those beyond it, on both servers."""

import logging
import time

import orjson

from galaxy.serving import open_files

# Beyond the most connections this many more are let in, to be told so, and to ask for the health of the process.
SPARE = 64
HEALTH = ("/healthz", "/readyz")
WARN_EVERY = 60.0
HEADERS = [(b"content-type", b"application/json; charset=utf-8"), (b"retry-after", b"5"), (b"connection", b"close")]

logger = logging.getLogger(__name__)


class Room:
    """The room for connections of one process."""

    def __init__(self) -> None:
        self.most = open_files.most_connections()
        self._warned_at = -WARN_EVERY

    def warn(self) -> None:
        """Tell the operator that connections are refused, at most once a minute."""
        now = time.monotonic()
        if now - self._warned_at >= WARN_EVERY:
            self._warned_at = now
            logger.warning(
                "%d connections are open, as many as fit into the limit of open files: new ones are refused until some close. "
                "Raise that limit (ulimit -n, LimitNOFILE=), or start more web processes (WEB_PROCESSES).",
                self.most,
            )


def refusal_body(
    code: str = "too_many_connections", message: str = "Too many connections are open. Try again in a few seconds."
) -> bytes:
    """A refusal as JSON."""
    return orjson.dumps({"error": {"code": code, "message": message}})


def refusal(status: str = "HTTP/1.1 503 Service Unavailable", **said: str) -> bytes:
    """A whole answer that refuses, and closes the connection."""
    content = refusal_body(**said)
    head = b"".join(b"%s: %s\r\n" % header for header in HEADERS)
    return b"%s\r\n%sContent-Length: %d\r\n\r\n%s" % (status.encode(), head, len(content), content)
