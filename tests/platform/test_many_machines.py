"""Several machines that share one database and one Redis."""

import re
import secrets
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from accounts.models import SharedKey, SignInLink, User
from accounts.storage import batches
from galaxy.celery import app
from galaxy.configuration import shared_keys
from galaxy.serving.one_beat import KEY, OneBeat
from tests.ports import free_port
from tests.stack import MANAGE, Galaxy


@pytest.mark.parametrize("name", ["AUDIT_KEY", "SECRET_KEY"])
@pytest.mark.parametrize("command", [["prepare"], ["serve"], ["runner"], ["worker"]])
def test_a_process_with_another_key_does_not_start(galaxy: Galaxy, name: str, command: list[str]) -> None:
    socket = galaxy.data_dir / "run" / "postgres"
    password = (galaxy.data_dir / "secrets" / "database_password").read_text().strip()
    url = f"postgres://galaxy:{password}@/galaxy?host={socket}"
    environment = galaxy.env | {"DATABASE_URL": url, name: secrets.token_urlsafe(40), "PORT": str(free_port())}
    done = subprocess.run([*MANAGE, *command], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert f"{name} differs from that of this installation's other machines" in done.stderr
    assert f"DATA_DIR/secrets/{name.lower()}" in done.stderr
    assert environment[name] not in done.stderr


def test_a_key_that_was_changed_on_purpose_is_accepted_by_a_command(galaxy: Galaxy) -> None:
    assert shared_keys.differing() == []
    known = SharedKey.objects.get(name="AUDIT_KEY").fingerprint
    try:
        SharedKey.objects.filter(name="AUDIT_KEY").update(fingerprint="another")
        assert shared_keys.differing() == ["AUDIT_KEY"]
        assert galaxy.manage("accept_keys") == "Accepted: AUDIT_KEY.\n"
        assert shared_keys.differing() == []
    finally:
        SharedKey.objects.filter(name="AUDIT_KEY").update(fingerprint=known)


def test_of_two_clocks_one_ticks_and_the_other_takes_over(galaxy: Galaxy, tmp_path: Path) -> None:
    redis = Redis.from_url(django_settings.REDIS_URL)
    holder = redis.get(KEY)  # the installation's own clock
    assert holder
    try:
        redis.delete(KEY)
        first, second = (OneBeat(app, lazy=True, schedule_filename=f"{tmp_path}/{name}") for name in ("first", "second"))
        assert first._holds()
        assert not second._holds()
        assert first._holds()
        assert 0 < redis.ttl(KEY) <= 30
        redis.delete(KEY)  # as when its process is gone
        assert second._holds()
        assert not first._holds()
    finally:
        redis.set(KEY, holder, ex=30)


def test_deleting_passes_over_what_another_process_is_deleting(alice: User) -> None:
    now, past = timezone.now(), timezone.now() - timedelta(days=1)
    digests = [secrets.token_hex(32) for _ in range(batches.AT_ONCE + 5)]
    SignInLink.objects.bulk_create([SignInLink(digest=each, person=alice, expires_at=past) for each in digests])
    rows = SignInLink.objects.filter(person=alice, expires_at__lt=now)
    with closing(connection.copy()) as other:  # another machine's
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_signinlink WHERE digest = ANY(%s) FOR UPDATE", [digests[:3]])
        assert batches.delete(rows) == len(digests) - 3
        other.rollback()
    assert batches.delete(rows) == 3


async def test_a_page_of_another_version_gets_this_versions_files(galaxy: Galaxy) -> None:
    async with httpx.AsyncClient(base_url=galaxy.base_url, follow_redirects=True) as client:
        page = (await client.get("/sign-in")).text
        (style,) = re.findall(r'href="(/static/css/[\w-]+\.[0-9a-f]{12}\.css)"', page)[:1]
        other = re.sub(r"\.[0-9a-f]{12}\.", ".0123456789ab.", style)
        answer = await client.get(other)
        assert (answer.status_code, answer.url.path) == (200, style)
        assert "no-store" in answer.history[0].headers["cache-control"]
        for path in ("/static/css/none.0123456789ab.css", "/static/none.css", "/static/.0123456789ab"):
            assert (await client.get(path)).status_code == 404
