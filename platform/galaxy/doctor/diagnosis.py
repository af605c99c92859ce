"""The checks of `doctor`. Each function yields findings; a finding with a remedy is a problem.

The checks need no Django settings and create nothing, so they also work on a broken installation. The audit entries of forged
sign-ins stay: a way to keep them out would also serve an attacker.
"""

import asyncio
import os
import platform
import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

import embeddings
from accounts.vault import keys as vault_keys
from accounts.vault.errors import KeyFileExposed, VaultError
from embeddings.e5 import identity
from galaxy.configuration import environment, local_secrets
from galaxy.configuration.environment import Environment
from galaxy.configuration.paths import Places
from galaxy.doctor import hinted, model_setup, spoofing, system_checks, vault
from galaxy.services import mqtt, outside, postgres, redis, unprivileged
from galaxy.services.supervision import lock, roster
from galaxy.services.supervision.listening import listen
from galaxy.services.supervision.part import CannotStartError, NotReadyError
from galaxy.serving import open_files
from tools import sandbox

LEAST_SPACE = 1024**3
FEW_CONNECTIONS = 2000
FORGED = "Stop Galaxy. Something between this machine and it adds the proxy's headers, or TRUSTED_PROXIES trusts too much."
GIVE_BACK = "Give it to the user who runs Galaxy, or set DATA_DIR to another folder."


class Finding(NamedTuple):
    """A result. `remedy` says what to do and is empty if all is well; `hint` is for what may be intended."""

    text: str
    remedy: str = ""
    hint: str = ""


async def examine() -> list[Finding]:
    """Run all checks, in the order in which problems should be solved."""
    settings, wrong = environment.examine()
    places = Places(settings.data_path())
    findings = [*_versions(settings, places), *(Finding(*each) for each in wrong), *_settings(settings, well=not wrong)]
    findings += [*_folders(places), *_secrets(places), await _programs()]
    running = os.access(places.lock, os.R_OK) and lock.is_held(places.lock)
    findings += [_running(settings, places)] if running else _port(settings)
    findings += [finding async for finding in _outside(settings)]
    if running:
        findings += [finding async for finding in _inside(settings, places)]
        if not settings.test_mode:  # test mode lets everyone in, which was already reported
            findings += [await _forged_sign_in(settings, roster.address(places) or settings.address)]
    if running and await model_setup.part_is(roster.address(places) or settings.address, "audit", "down"):
        findings.append(
            Finding("The audit is damaged.", "Run manage.py audit verify to see where; docs/trust.md says what it means.")
        )
    findings += [await _embedder(places)] if running else _embedding_model(settings)
    findings += await _models(settings, roster.address(places) or settings.address, running=running)
    if running or settings.database_url:
        findings += [Finding(*each) for each in await vault.examine(settings, places)]
    if running or settings.redis_url:
        findings += [Finding(text, hint=advice) for text, advice in await hinted.examine(settings, places)]
    return findings


def _versions(settings: Environment, places: Places) -> Iterator[Finding]:
    yield Finding(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _open_files()
    if not settings.database_url:
        yield _found(postgres.programs)
        yield _user(places)
    if not settings.redis_url:
        yield _found(redis.program)


def _open_files() -> Finding:
    open_files.raise_limit()
    most = open_files.most_connections()
    text = f"A web process can have {most} connections"
    if most >= FEW_CONNECTIONS:
        return Finding(text)
    return Finding(
        f"{text}, which is few.", "Raise the limit of open files: ulimit -n 65536, or LimitNOFILE=65536 of the service."
    )


def _found(find: Callable[[], Path]) -> Finding:
    try:
        return Finding(f"Found {find()}")
    except CannotStartError as error:
        return Finding("A service's program is missing.", str(error))


def _user(places: Places) -> Finding:
    try:
        user = unprivileged.owner_for(places.postgres)
        if user:
            unprivileged.prefix(user, postgres.programs() / "postgres", places.postgres)
    except CannotStartError as error:
        return Finding("PostgreSQL cannot run as this user.", str(error))
    return Finding(f"PostgreSQL runs as {user.pw_name}." if user else "PostgreSQL runs as you do.")


async def _programs() -> Finding:
    state = await sandbox.state()
    if state.available:
        return Finding(f"Python programs run in the sandbox (docs/sandbox.md): {state.tier}.")
    return Finding("Python programs cannot be run.", hint=state.reason)


def _settings(settings: Environment, *, well: bool) -> Iterator[Finding]:
    found = system_checks.examine(settings)
    yield from (Finding(message.msg, message.hint or "See .env.example.") for message in found)
    if well and not found:
        yield Finding("The settings are valid.")


def _folders(places: Places) -> Iterator[Finding]:
    """Check the data folder, or its future parent, and the folders in it that belong to Galaxy's own user."""
    folder = next(path for path in (places.data, *places.data.parents) if _is_there(path))
    own = (places.secrets, places.logs, places.valkey, places.mqtt, places.celery, places.static, places.parts.parent)
    for path in (folder, *filter(_is_there, own)):
        if not path.is_dir():
            yield Finding(f"{path} must be a folder.", "Move it away, or set DATA_DIR to another folder.")
        elif not os.access(path, os.R_OK | os.W_OK | os.X_OK) or not shutil.disk_usage(path).total:
            yield Finding(f"{path} cannot be written.", GIVE_BACK)
    if _is_there(places.lock) and not os.access(places.lock, os.R_OK | os.W_OK):
        yield Finding(
            f"{places.lock} belongs to another user.", "Start Galaxy as that user, or set DATA_DIR to another folder."
        )
    free = shutil.disk_usage(folder).free
    remedy = "" if free >= LEAST_SPACE else "Free some space: Galaxy needs at least 1 GB."
    yield Finding(f"{free / 1024**3:.1f} GB are free in {folder}.", remedy)


def _is_there(path: Path) -> bool:
    """Check existence without `Path.exists`, which raises if the parent folder may not be entered."""
    return os.access(path, os.F_OK)


def _secrets(places: Places) -> Iterator[Finding]:
    files = [path for path in (*_in(places.secrets), places.mqtt / "port") if _is_there(path)]
    problems = [*_readable_by_others(places.secrets, files), *_damaged(files, places.vault_keys)]
    if files and not problems:
        yield Finding("The generated secrets are private and undamaged.")
    yield from problems


def _in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []  # there is none yet, or `_folders` reported it


def _readable_by_others(folder: Path, files: list[Path]) -> Iterator[Finding]:
    for path in (folder, *files):
        if _is_there(path) and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(f"Others can read {path}.", f"chmod {'700' if path.is_dir() else '600'} {path}")


def _damaged(files: list[Path], vault: Path) -> Iterator[Finding]:
    for file in files:
        try:
            vault_keys.load(file) if file == vault else local_secrets.read(file)
        except KeyFileExposed:
            pass  # reported above
        except (ImproperlyConfigured, VaultError) as error:
            yield Finding(f"{file.name} cannot be used.", str(error))


def _running(settings: Environment, places: Places) -> Finding:
    return Finding(f"Galaxy runs at {roster.address(places) or settings.address} (process {lock.holder(places.lock)}).")


def _port(settings: Environment) -> Iterator[Finding]:
    try:
        listen(settings.host, settings.port).close()
    except CannotStartError as error:
        yield Finding(f"The portal cannot listen on {settings.host}, port {settings.port}.", str(error))
    else:
        yield Finding(f"Port {settings.port} is free. Galaxy does not run: `make run` starts it.")


async def _outside(settings: Environment) -> AsyncIterator[Finding]:
    """Check the services that a setting names, whether Galaxy runs or not."""
    for name, why in (await outside.ask(settings)).items():
        yield Finding(f"{name} cannot be used: {why.reason}.", why.remedy) if why else Finding(f"{name} can be used.")


async def _inside(settings: Environment, places: Places) -> AsyncIterator[Finding]:
    """Check the services of a running Galaxy."""
    asked: tuple[tuple[str, str, Callable[[], Awaitable[None]]], ...] = (
        ("The database", settings.database_url, lambda: postgres.ping(places.postgres_socket, _kept(places, "database"))),
        ("Redis", settings.redis_url, lambda: redis.ping(places.valkey_socket, _kept(places, "redis"))),
        ("The MQTT broker", settings.mqtt_url, lambda: mqtt.ping(mqtt.kept_url(places))),
    )
    for name, url, ask in asked:
        if not url:
            yield await _answers(name, ask)


async def _forged_sign_in(settings: Environment, address: str) -> Finding:
    try:
        believed = await spoofing.succeeded(settings, address)
    except (spoofing.NotTried, ValueError) as error:
        return Finding(
            f"Signing in with a forged header could not be tested: {error}", "Solve the other problems and try again."
        )
    if believed:
        return Finding(f"Signing in with a forged header works: {', '.join(believed)}.", FORGED)
    return Finding("Signing in with a forged header is refused. The attempts are in the audit (sign_in.refused).")


async def _embedder(places: Places) -> Finding:
    try:
        told = await embeddings.state(str(places.embedder_socket))
    except embeddings.CannotEmbed as error:
        return Finding("The embedder does not answer.", hint=str(error))
    if told.problem:
        return Finding("Texts cannot be embedded.", hint=told.problem)
    return Finding(f"The embedder answers ({told.model}).")


def _embedding_model(settings: Environment) -> Iterator[Finding]:
    try:
        if not settings.embedding_model:
            identity.weights_file()
    except embeddings.ModelMissing as error:
        yield Finding("Texts cannot be embedded.", hint=str(error))


async def _models(settings: Environment, address: str, *, running: bool) -> list[Finding]:
    """Report missing models. A stopped Galaxy will look for models at its start, unless it must not."""
    none = await model_setup.has_none(address) if running else not (settings.find_models or model_setup.is_named(settings))
    return [Finding("No language model is set up.", hint=model_setup.how(settings))] if none else []


def _kept(places: Places, service: str) -> str:
    return local_secrets.read(places.secrets / f"{service}_password")


async def _answers(name: str, ask: Callable[[], Awaitable[None]]) -> Finding:
    try:
        await asyncio.wait_for(ask(), outside.WITHIN)
    except (ImproperlyConfigured, NotReadyError, OSError) as error:
        reason = str(error).strip().partition("\n")[0] or "no reason given"
        return Finding(f"{name} does not answer: {reason}", "See its log file in DATA_DIR/logs.")
    return Finding(f"{name} answers.")
