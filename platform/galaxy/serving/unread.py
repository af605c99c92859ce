"""Clients that take nothing of what is sent to them: the kernel closes their connections, on both servers.

A server waits for room in a client's buffer, and closes a connection only when all of it is sent: one who asks for a page and
never reads it would be kept for ever. Only the kernel knows what a client has taken, and it watches without a timer for each
write (TCP_USER_TIMEOUT, which also ends those who vanished without a word).
"""

import socket


def give_up_after(listener: socket.socket, seconds: float) -> None:
    """Close each connection of this listener whose client takes nothing for so long, where the system can do that (Linux)."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, option, round(seconds * 1000))  # what it accepts inherits it
