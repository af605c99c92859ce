"""The embedded MQTT broker on loopback: mosquitto if it is installed, otherwise amqtt. It has a generated password."""

import asyncio
import base64
import hashlib
import os
import shutil
import socket
import sys
from pathlib import Path

from galaxy.configuration import local_secrets, service_addresses
from galaxy.configuration.paths import Places
from galaxy.services.supervision.part import NotReadyError, Part, plain_environment

PLATFORM = Path(__file__).resolve().parents[2]
USER = "galaxy"
# CONNACK of MQTT 3.1.1; 4 and 5 refuse the user or the password.
ACCEPTED, REFUSED = b"\x20\x02\x00\x00", (b"\x20\x02\x00\x04", b"\x20\x02\x00\x05")


def url(places: Places) -> str:
    """Return the broker's address; the port is chosen on the first call and stored."""
    return _url(_password(places), _port(places))


def kept_url(places: Places) -> str:
    """Return the address of an existing broker, creating nothing."""
    return _url(local_secrets.read(places.secrets / "mqtt_password"), _number(places, local_secrets.read(places.mqtt / "port")))


def part(places: Places) -> Part:
    """Describe the broker's process."""
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
    """Connect as a client does. Raises NotReadyError if the broker refuses."""
    (host, port, _), user, password = service_addresses.mqtt(address)
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(_connect(user, password))
        answer = await reader.read(4)
        if answer in REFUSED:
            raise NotReadyError("The MQTT broker refuses this user and password.")
        if answer != ACCEPTED:
            raise NotReadyError("The program at the address of the MQTT broker is not one.")
        writer.write(b"\xe0\x00")  # DISCONNECT
        await writer.drain()
    finally:
        writer.close()


def _connect(user: str, password: str) -> bytes:
    """Build a CONNECT packet of MQTT 3.1.1 with a clean session."""
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
    """Start a small program of our own: the password must not appear in the process list."""
    return [sys.executable, "-m", "galaxy.services.broker", str(_port(places)), USER, str(places.secrets / "mqtt_password")]


def _hashed(password: str) -> str:
    """Hash a password for mosquitto: PBKDF2 with SHA-512. Few rounds are enough for 256 random bits."""
    salt, rounds = os.urandom(12), 101
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _python_path() -> str:
    return os.pathsep.join(filter(None, [str(PLATFORM), os.environ.get("PYTHONPATH")]))


def _mosquitto_settings(places: Places) -> Path:
    """Write mosquitto's settings and password file. It stays root: as another user it could not read them."""
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
