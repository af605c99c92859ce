"""Attacks on the network and on services of the machine. Run as a program: see `tests.tools.sandbox.survey`."""

import asyncio
import ctypes
import http.client
import json
import os
import platform
import socket
from pathlib import Path

given = json.loads(Path("given.json").read_text())
libc = ctypes.CDLL(None, use_errno=True)
SOCKET_NUMBER = 41 if platform.machine() == "x86_64" else 198


def try_tcp_to_this_machine() -> object:
    socket.create_connection(("127.0.0.1", given["port"]), timeout=2).sendall(b"x")
    return True


def try_tcp_without_waiting() -> object:
    connection = socket.socket()
    connection.setblocking(False)
    return connection.connect_ex(("127.0.0.1", given["port"])) in {0, 115}


def try_tcp_by_the_c_library() -> object:
    return libc.socket(2, 1, 0) >= 0


def try_tcp_by_the_number_of_the_call() -> object:
    return libc.syscall(SOCKET_NUMBER, 2, 1, 0) >= 0


def try_asyncio() -> object:
    async def connect() -> bool:
        _, writer = await asyncio.open_connection("127.0.0.1", given["port"])
        writer.close()
        return True

    return asyncio.run(connect())


def try_http() -> object:
    http.client.HTTPConnection("127.0.0.1", given["port"], timeout=2).request("GET", "/")
    return True


def try_udp() -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", given["udp_port"]))


def try_ipv6() -> object:
    return socket.socket(socket.AF_INET6, socket.SOCK_STREAM)


def try_a_service_by_its_path() -> object:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(given["unix"])
    return True


def try_a_service_by_an_abstract_name() -> object:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect("\0" + given["abstract"])
    return True


def try_a_datagram_to_a_path_from_a_pair() -> object:
    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return one.sendto(b"x", given["unix_datagram"])


def try_turning_a_pair_to_a_path() -> object:
    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.connect(given["unix_datagram"])
    return True


def try_a_message_with_a_path_from_a_pair() -> object:
    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return one.sendmsg([b"x"], [], 0, given["unix_datagram"])


def try_listening() -> object:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return True


def try_a_socket_of_its_own_at_a_path() -> object:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).bind("own.sock")
    return True


def try_netlink() -> object:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


def try_the_kernels_ciphers() -> object:
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)


def try_machines_beside_this_one() -> object:
    return socket.socket(40, socket.SOCK_STREAM)  # AF_VSOCK


def try_names_of_hosts() -> object:
    return socket.create_connection(("localhost", given["port"]), timeout=2)


def try_an_inherited_connection() -> object:
    for number in range(5, 256):
        try:
            if os.path.sameopenfile(number, number) and (os.fstat(number).st_mode & 0o170000) == 0o140000:
                return number
        except OSError:
            continue
    return None
