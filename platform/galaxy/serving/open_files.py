"""The limit of open files, which bounds a process's connections."""

import logging
import resource

WANTED = 65_536
# Files that a web process opens besides its clients' connections: database, Redis, logs, event loops, libraries.
OWN_FILES = 192
FEWEST = 16

logger = logging.getLogger(__name__)


def raise_limit() -> int:
    """Raise this process's limit as far as it is allowed to; return the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return WANTED if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:  # macOS allows less than it reports
        logger.warning("The limit of %d open files could not be raised: %s", soft, error)
        return soft
    return wanted


def most_connections() -> int:
    """Return the number of client connections that fit below the limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = WANTED if soft == resource.RLIM_INFINITY else soft
    return max(FEWEST, limit - OWN_FILES)
