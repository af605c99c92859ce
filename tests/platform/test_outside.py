"""`manage.py up` with services of someone else: it uses them, or ends with the true reason why it cannot."""

import asyncio
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from psycopg.conninfo import conninfo_to_dict
from redis.exceptions import RedisError

from chat.log.redis_link import Link
from galaxy.configuration.environment import Environment
from galaxy.configuration.local_secrets import read
from galaxy.configuration.paths import Places
from galaxy.services import outside
from galaxy.services import redis as redis_part
from galaxy.services.mqtt import kept_url
from tests.platform.servers import foreign_postgres
from tests.ports import free_port
from tests.stack import Galaxy, Providers

Refused = Callable[..., str]
PASSWORD = "planted-secret"  # tests look for it where no password may be


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with foreign_postgres(tmp_path_factory.mktemp("database"), "extension_control_path=/nowhere") as url:
        yield url


@pytest.fixture(scope="module")
def redis(galaxy: Galaxy) -> str:
    places = Places(galaxy.data_dir)
    return f"unix://:{read(places.secrets / 'redis_password')}@{places.valkey_socket}"


@pytest.fixture(scope="module")
def mqtt(galaxy: Galaxy) -> str:
    return kept_url(Places(galaxy.data_dir))


@pytest.fixture(scope="module")
def web_server() -> Iterator[int]:
    """The port of a server that speaks neither of the protocols."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_all, args=[listener], daemon=True).start()
        yield listener.getsockname()[1]


def answer_all(listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.settimeout(1)
            try:
                client.recv(1024)
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            except OSError:
                pass


@pytest.fixture
def refused(tmp_path: Path, stand_in_process: Providers) -> Refused:
    """Start Galaxy with settings that `up` refuses; gives its words."""

    def start(**settings: str) -> str:
        installation = Galaxy(tmp_path, free_port(), stand_in_process, **settings)
        installation.begin()
        try:
            assert installation.process
            assert installation.process.wait(30) == 1
        finally:
            installation.stop()
        said = installation.said()
        assert "Traceback" not in said
        assert "Stopping" not in said  # nothing had been started
        assert [secret for value in settings.values() if (secret := password_of(value)) and secret in said] == []
        return said

    return start


def password_of(url: str) -> str:
    return PASSWORD if PASSWORD in url else url.rpartition("@")[0].rpartition(":")[2]


async def test_services_that_are_set_are_used_and_not_started(
    tmp_path: Path, database: str, redis: str, mqtt: str, stand_in_process: Providers
) -> None:
    settings = {"DATABASE_URL": database, "REDIS_URL": f"{redis}?db=7", "MQTT_URL": mqtt}
    installation = Galaxy(tmp_path, free_port(), stand_in_process, **settings)
    installation.start()
    try:
        await installation.until_ready("embedder")
        assert set(installation.parts()) == {"web-1", "runner-1", "worker", "embedder"}
        async with httpx.AsyncClient(base_url=installation.base_url) as client:
            assert (await client.get("/readyz")).json()["status"] == "up"
        said = installation.manage("doctor")
        assert [f"{name} can be used." in said for name in settings] == [True] * 3
    finally:
        assert installation.stop() == 0


@pytest.mark.parametrize(("name", "scheme"), [("DATABASE_URL", "postgres"), ("REDIS_URL", "redis"), ("MQTT_URL", "mqtt")])
def test_a_service_that_cannot_be_reached_ends_the_start(refused: Refused, web_server: int, name: str, scheme: str) -> None:
    port = free_port()
    assert f"{name} cannot be used: nothing listens on 127.0.0.1, port {port}. Start the service" in refused(
        **{name: f"{scheme}://me:{PASSWORD}@127.0.0.1:{port}"}
    )
    assert f"{name} cannot be used: the host nowhere.invalid is unknown." in refused(
        **{name: f"{scheme}://me:{PASSWORD}@nowhere.invalid"}
    )
    assert f"{name} cannot be used: the program at this address is not" in refused(
        **{name: f"{scheme}://me:{PASSWORD}@127.0.0.1:{web_server}"}
    )
    assert f"A setting is wrong. {name} is not valid. Set it to {scheme}://" in refused(**{name: f"me:{PASSWORD}"})


def test_a_wrong_password_ends_the_start(refused: Refused, database: str, redis: str, mqtt: str) -> None:
    said = refused(
        DATABASE_URL=database.replace(password_of(database), PASSWORD),
        REDIS_URL=redis.replace(password_of(redis), PASSWORD),
        MQTT_URL=mqtt.replace(password_of(mqtt), PASSWORD),
    )
    for name, other in (("DATABASE_URL", "server"), ("REDIS_URL", "server"), ("MQTT_URL", "broker")):
        assert f"{name} cannot be used: the {other} refuses this user and password. Correct them in {name}." in said


def test_a_database_that_is_not_there_or_cannot_do_ends_the_start(refused: Refused, database: str) -> None:
    other = database.removesuffix("/galaxy")
    assert "the server has no database with this name." in refused(DATABASE_URL=f"{other}/missing")
    assert "the server does not admit this user to this database from this machine." in refused(DATABASE_URL=f"{other}/closed")
    assert "the server does not have pgvector. Install it there" in refused(DATABASE_URL=f"{other}/bare")
    assert "this user may not create tables." in refused(DATABASE_URL=f"{other}/postgres")


def test_a_number_that_redis_does_not_have_ends_the_start(refused: Refused, redis: str) -> None:
    assert "the server has no database with this number." in refused(REDIS_URL=f"{redis}?db=999")


@contextmanager
def pooler(folder: Path, database: str, mode: str) -> Iterator[str]:
    """A pgbouncer before the database; gives its URL."""
    given, port, password = conninfo_to_dict(database), free_port(), password_of(database)
    folder.chmod(0o755)
    lines = [
        "[databases]",
        f"galaxy = host=127.0.0.1 port={given['port']} user=galaxy password={password}",
        *(
            "[pgbouncer]",
            "listen_addr=127.0.0.1",
            f"listen_port={port}",
            "auth_type=any",
            f"pool_mode={mode}",
            "unix_socket_dir=",
        ),
    ]
    settings = folder / f"pgbouncer-{mode}.ini"
    settings.write_text("\n".join(lines))
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    command = ["/usr/sbin/pgbouncer", "-q", *user, str(settings)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            until_it_listens(port)
            yield f"postgres://galaxy:{password}@127.0.0.1:{port}/galaxy"
        finally:
            process.kill()


def until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError


def test_a_pooler_that_shares_sessions_is_told_from_one_that_does_not(tmp_path: Path, database: str, refused: Refused) -> None:
    with pooler(tmp_path, database, "transaction") as url:
        said = refused(DATABASE_URL=url)
        assert "it is behind a pooler that shares sessions (transaction mode). Set its pool_mode to session" in said
    with pooler(tmp_path, database, "session") as url:
        assert asyncio.run(outside.ask(Environment(database_url=url))) == {"DATABASE_URL": None}


@contextmanager
def other_redis(folder: Path, **settings: str) -> Iterator[str]:
    """A Redis server of someone else's; gives its URL without user and password."""
    port = free_port()
    command = [str(redis_part.program()), "--port", str(port), "--save", "", "--dir", str(folder)]
    command += [word for name, value in settings.items() for word in (f"--{name.replace('_', '-')}", *value.split())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            until_it_listens(port)
            yield f"127.0.0.1:{port}/0"
        finally:
            process.kill()


LACKING = {
    "the server is full. Raise its maxmemory": ({"maxmemory": "1"}, ""),
    "the server refuses this user and password. Correct them": ({"requirepass": PASSWORD}, ""),
    "this user may not run commands that Galaxy needs. Allow the user": (
        {"user": f"galaxy on >{PASSWORD} ~* &* +@all -@scripting"},
        f"galaxy:{PASSWORD}@",
    ),
    "the server is a replica, which refuses writes. Name the primary": ({"replicaof": "127.0.0.1 9"}, ""),
}


@pytest.mark.parametrize("sentence", LACKING)
async def test_a_redis_that_cannot_serve_is_told_by_what_it_lacks(tmp_path: Path, sentence: str) -> None:
    settings, login = LACKING[sentence]
    with other_redis(tmp_path, **settings) as address:
        found = await outside.ask(Environment(redis_url=f"redis://{login}{address}"))
    assert found["REDIS_URL"]
    assert f"{found['REDIS_URL'].reason}. {found['REDIS_URL'].remedy}".startswith(sentence)


async def test_a_certificate_that_nobody_trusts_is_called_by_its_name(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=context)
    async with server:
        url = f"rediss://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        found = (await outside.ask(Environment(redis_url=url)))["REDIS_URL"]
        assert found
        assert found.reason == "this machine does not trust the server's certificate"
        trusted = f"{url}?ssl_ca_certs={certificate}"
        with pytest.raises(RedisError, match="reached") as broke:  # of the log's own client; no one speaks Redis there
            await Link.connect(trusted + "&password=x")
    assert "CERTIFICATE" not in str(broke.value)


def self_signed(folder: Path) -> Path:
    """A certificate for this machine with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


async def test_a_password_too_many_does_no_harm(tmp_path: Path) -> None:
    with other_redis(tmp_path) as address:
        url = f"redis://:{PASSWORD}@{address}"
        assert await outside.ask(Environment(redis_url=url)) == {"REDIS_URL": None}
        (await Link.connect(url)).close()
