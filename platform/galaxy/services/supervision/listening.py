"""The portal's listening socket. The supervisor opens it once and passes it to every web process.

So the port stays open while a web process restarts: connections wait in the socket's queue.
"""

import errno
import socket

from galaxy.services.supervision.part import CannotStartError

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Open the socket. Raises CannotStartError with the remedy."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise CannotStartError(f"HOST={host} is not an address of this machine ({error.strerror}).") from error
    except OSError as error:
        raise CannotStartError(_reason(error, host, port)) from error


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. Stop it, or choose another port: PORT={port + 1} make run"
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for root. Choose one of 1024 or higher: PORT=8000 make run"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST={host} is not an address of this machine."
    return f"Galaxy cannot listen on {host}, port {port}: {error.strerror}."
