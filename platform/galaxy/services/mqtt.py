"""The embedded MQTT broker: Debian's mosquitto where it is installed, else amqtt. On loopback, with a generated password."""

import asyncio
import base64
import hashlib
import os
import shutil
import socket
import sys
from pathlib import Path

from galaxy import local_secrets
from galaxy.places import Places
from galaxy.services import addresses
from galaxy.services.part import NotReadyError, Part, plain_environment

PLATFORM = Path(__file__).resolve().parents[2]
USER = "galaxy"
# CONNACK of MQTT 3.1.1; 4 and 5 are for the user and the password.
ACCEPTED, REFUSED = b"\x20\x02\x00\x00", (b"\x20\x02\x00\x04", b"\x20\x02\x00\x05")


def url(places: Places) -> str:
    """Where the broker listens; the port is chosen at the first call and kept."""
    return _url(_password(places), _port(places))


def kept_url(places: Places) -> str:
    """The same for a broker that was there before: nothing is made."""
    return _url(local_secrets.read(places.secrets / "mqtt_password"), _number(places, local_secrets.read(places.mqtt / "port")))


def part(places: Places) -> Part:
    """The broker as a process."""
    if not _is_free(_port(places)):
        (places.mqtt / "port").unlink()  # another program took it meanwhile
    address = url(places)
    mosquitto = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Part(
        name="mqtt",
        command=[mosquitto, "-c", str(_mosquitto_settings(places))] if mosquitto else _amqtt(places),
        environment=plain_environment() | {"PYTHONPATH": _python_path(), "PYTHONUNBUFFERED": "1"},
        ready=lambda: ping(address),
        alive=lambda: ping(address),
        stop_within=2.0,
    )


async def ping(address: str) -> None:
    """Connect as a client does. Raises NotReadyError when the broker refuses."""
    (host, port, _), user, password = addresses.mqtt(address)
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(_connect(user, password))
        answer = await reader.read(4)
        if answer in REFUSED:
            raise NotReadyError("The MQTT broker refuses this user and password.")
        if answer != ACCEPTED:
            raise NotReadyError("The MQTT broker does not answer as one.")
        writer.write(b"\xe0\x00")  # DISCONNECT
        await writer.drain()
    finally:
        writer.close()


def _connect(user: str, password: str) -> bytes:
    """A CONNECT packet of MQTT 3.1.1 with a clean session."""
    flags = 0x02 | (0xC0 if user else 0)
    fields = [f"galaxy-ping-{os.getpid()}", *([user, password] if user else [])]
    payload = b"".join(len(field.encode()).to_bytes(2, "big") + field.encode() for field in fields)
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + (30).to_bytes(2, "big") + payload
    length, encoded = len(body), b""
    while not encoded or length:
        length, digit = divmod(length, 128)
        encoded += bytes([digit | (0x80 if length else 0)])
    return b"\x10" + encoded + body


def _password(places: Places) -> str:
    return local_secrets.read_or_make(places.secrets, "mqtt_password")


def _port(places: Places) -> int:
    return _number(places, local_secrets.read_or_make(places.mqtt, "port", make=lambda: str(_free_port())))


def _number(places: Places, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise local_secrets.damaged(places.mqtt / "port")
    return int(text)


def _url(password: str, port: int) -> str:
    return f"mqtt://{USER}:{password}@127.0.0.1:{port}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _amqtt(places: Places) -> list[str]:
    """Its own small program, since the password must not stand in the process list."""
    return [sys.executable, "-m", "galaxy.services.broker", str(_port(places)), USER, str(places.secrets / "mqtt_password")]


def _hashed(password: str) -> str:
    """A password as mosquitto keeps it: PBKDF2 with SHA-512. Few rounds do, since the password has 256 random bits."""
    salt, rounds = os.urandom(12), 101
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _python_path() -> str:
    return os.pathsep.join(filter(None, [str(PLATFORM), os.environ.get("PYTHONPATH")]))


def _mosquitto_settings(places: Places) -> Path:
    """Its settings and password file. As root it would become another user and could not read them: it stays."""
    passwords = places.mqtt / "passwords"
    local_secrets.write(passwords, f"{USER}:{_hashed(_password(places))}\n")
    settings = {
        "listener": f"{_port(places)} 127.0.0.1",
        "allow_anonymous": "false",
        "password_file": str(passwords),
        "persistence": "true",
        "persistence_location": f"{places.mqtt}/",
        "user": "root",
        "log_dest": "stderr",
    }
    file = places.mqtt / "mosquitto.conf"
    local_secrets.write(file, "".join(f"{name} {value}\n" for name, value in settings.items()))
    return file
