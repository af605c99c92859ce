"""The notices that one client has not been sent yet."""

from accounts.notices.notice import Key, Notice

MOST = 100  # of different things; beyond, each topic is told as a whole


class Pending:
    """Each thing once, with its newest notice: however many come while the client is slow, memory does not grow."""

    def __init__(self) -> None:
        self._waiting: dict[Key, Notice] = {}

    def add(self, notice: Notice) -> None:
        """Keep it until it is taken."""
        self._waiting[notice.key] = notice
        if len(self._waiting) > MOST:
            whole = [Notice(waiting.topic) for waiting in self._waiting.values()]
            self._waiting = {each.key: each for each in whole}

    def take(self) -> list[Notice]:
        """Everything that waits, which then waits no more."""
        taken = list(self._waiting.values())
        self._waiting.clear()
        return taken
