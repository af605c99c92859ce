"""The number of files that a process may have open, which bounds its connections."""

import logging
import resource

WANTED = 65_536
# The database, Redis, logs, event loops, libraries: what a web process opens besides its clients' connections.
OWN_FILES = 192
FEWEST = 16

logger = logging.getLogger(__name__)


def raise_limit() -> int:
    """Raise this process's limit as far as it may by itself; gives the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return WANTED if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:  # macOS allows less than it says
        logger.warning("The limit of %d open files could not be raised: %s", soft, error)
        return soft
    return wanted


def most_connections() -> int:
    """The clients' connections that fit below the limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = WANTED if soft == resource.RLIM_INFINITY else soft
    return max(FEWEST, limit - OWN_FILES)
