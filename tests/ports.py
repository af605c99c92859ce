"""Ports for installations and for addresses where no one answers."""

import socket

_held: list[socket.socket] = []


def free_port() -> int:
    """A port that no one listens on, and that no other program is given until this process ends.

    It stays bound here and not listened on: the system then gives it to no one who asks for any port, while a server
    that names it can have it, as all do that set SO_REUSEADDR (socket(7)).
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _held.append(held)
    return int(held.getsockname()[1])
