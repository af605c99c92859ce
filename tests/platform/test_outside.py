"""`manage.py up` with services of somebody else: it uses them, or ends with the true reason why it cannot."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from galaxy.local_secrets import read
from galaxy.places import Places
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
    """What `up` says before it ends."""

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


def test_services_that_are_set_are_used_and_not_started(
    tmp_path: Path, database: str, redis: str, mqtt: str, stand_in_process: Providers
) -> None:
    settings = {"DATABASE_URL": database, "REDIS_URL": f"{redis}?db=7", "MQTT_URL": mqtt}
    installation = Galaxy(tmp_path, free_port(), stand_in_process, **settings)
    installation.start()
    try:
        assert set(installation.parts()) == {"web-1", "runner-1", "worker"}
        assert httpx.get(f"{installation.base_url}/readyz").json()["status"] == "up"
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
    assert f"{name} cannot be used: what listens there does not answer as" in refused(
        **{name: f"{scheme}://me:{PASSWORD}@127.0.0.1:{web_server}"}
    )
    assert f"A setting is wrong. {name} makes no sense. Set it to {scheme}://" in refused(**{name: f"me:{PASSWORD}"})


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
    assert "the server has no database of this name." in refused(DATABASE_URL=f"{other}/missing")
    assert "the server does not let this user into this database from here." in refused(DATABASE_URL=f"{other}/closed")
    assert "the server has no pgvector. Install it there" in refused(DATABASE_URL=f"{other}/bare")
    assert "this user may make no tables." in refused(DATABASE_URL=f"{other}/postgres")


def test_a_number_that_redis_does_not_have_ends_the_start(refused: Refused, redis: str) -> None:
    assert "the server has no database of this number." in refused(REDIS_URL=f"{redis}?db=999")
