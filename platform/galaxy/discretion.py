"""What no log line tells: the token of a sign-in link, and the insides of Galaxy for a mistake that the asking side made."""

import copy
import logging
import re

LINK = re.compile(r"(sign-in/+link/+)\S+", re.IGNORECASE)
DEFECT = 500


class DiscreetFormatter(logging.Formatter):
    """The last to see a line. Django logs the path of whatever it refuses, and a link's path is a key to an account."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        if getattr(record, "status_code", DEFECT) < DEFECT:  # Django's name for the status that was answered
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return LINK.sub(r"\1…", super().format(record))
