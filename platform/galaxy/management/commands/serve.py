"""The web process."""

import importlib
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from galaxy.configuration import shared_keys
from galaxy.services.supervision.listening import listen
from galaxy.services.supervision.part import CannotStartError
from galaxy.serving import latency, open_files, unread

SERVERS = ("uvicorn", "daphne")


class Command(BaseCommand):
    """`manage.py serve`."""

    help = "Serve the portal: pages, REST, sockets."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of the server."""
        parser.add_argument("--server", choices=SERVERS, default=SERVERS[0])
        parser.add_argument("--fd", type=int, help="an open listening socket, instead of HOST and PORT")
        parser.add_argument("--grace", type=float, default=8.0, help="seconds that open requests have at the end")

        parser.add_argument("--drain", type=float, help="seconds before that in which /readyz says 503; DRAIN_SECONDS")

    def handle(self, *, server: str, fd: int | None, grace: float, drain: float | None, **_: Any) -> None:
        """Serve until stopped."""
        serving = importlib.import_module(f"galaxy.serving.{server}")  # the other server's libraries stay out of memory
        shared_keys.check()
        open_files.raise_limit()
        latency.settle()
        latency.take_short_turns()
        with self._listener(fd) as listener:
            unread.give_up_after(listener, settings.ENVIRONMENT.response_seconds)
            serving.run(listener, grace=grace, drain=settings.ENVIRONMENT.drain_seconds if drain is None else drain)

    @staticmethod
    def _listener(fd: int | None) -> socket.socket:
        try:
            return listen(settings.ENVIRONMENT.host, settings.ENVIRONMENT.port) if fd is None else socket.socket(fileno=fd)
        except CannotStartError as error:
            raise CommandError(str(error)) from error
