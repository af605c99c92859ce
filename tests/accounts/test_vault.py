"""Secrets: sealed at rest, bound to their rows, opened with the right key only."""

import base64
import contextlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from accounts.models import Secret, Tenant, User
from accounts.vault import keys as vault_keys
from accounts.vault import rotation as vault_rotation
from accounts.vault import seal as vault_seal
from accounts.vault import store
from accounts.vault.errors import KeyFileExposed, KeyFileUnusable, KeyMissing, Tampered, Unfit
from accounts.vault.keys import Ring
from tests.people import Neighbours

VALUE = "sk-planted-0123456789abcdef"


@pytest.fixture
def rolled_back(alice: User) -> Iterator[User]:
    """Alice, and the end of all that the test did to the rows."""
    with transaction.atomic():
        yield alice
        transaction.set_rollback(True)


def test_a_secret_is_opened_again_and_stands_nowhere_readable(alice: User) -> None:
    kept = store.put(alice.tenant, "openai", VALUE, alice)
    assert store.reveal(Secret.objects.get(pk=kept.pk)) == VALUE
    assert (kept.hint, str(kept)) == ("cdef", "openai")
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_secret::text FROM accounts_secret WHERE id = %s", [kept.pk])
        row = cursor.fetchone()[0]
    assert VALUE not in row
    assert VALUE.encode().hex() not in row
    assert VALUE not in repr(vars(kept))


def test_a_second_value_takes_the_place_of_the_first(alice: User) -> None:
    first = store.put(alice.tenant, "openai", VALUE, alice)
    second = store.put(alice.tenant, "openai", "short", alice)
    assert first.pk == second.pk
    assert second.changed_at > first.changed_at
    assert (store.reveal(second), second.hint) == ("short", "")


def test_a_name_is_a_persons_own_and_the_tenants_besides(neighbours: Neighbours) -> None:
    alice, bob, charlie = neighbours.alice, neighbours.bob, neighbours.charlie
    kept = [store.put(person.tenant, "openai", person.email, person) for person in (alice, bob, charlie)]
    kept.append(store.put(alice.tenant, "openai", "the household's"))
    assert len({secret.pk for secret in kept}) == 4
    assert store.put(alice.tenant, "openai", "changed").pk == kept[-1].pk
    assert list(Secret.objects.visible_to(alice)) == [kept[0]]
    assert store.find(alice.tenant, "openai") == kept[-1]
    assert store.find(alice.tenant, "openai", bob) == kept[1]
    assert store.find(charlie.tenant, "openai") is None


def test_a_secret_of_another_tenants_person_is_not_kept(neighbours: Neighbours) -> None:
    with pytest.raises(Unfit):
        store.put(neighbours.alice.tenant, "openai", VALUE, neighbours.charlie)


def test_many_who_keep_one_name_at_once_keep_one(alice: User) -> None:
    def keep(number: int) -> None:
        try:
            store.put(alice.tenant, "openai", f"{VALUE}{number}", alice)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(keep, range(16)))
    (kept,) = Secret.objects.visible_to(alice)
    assert store.reveal(kept).startswith(VALUE)


def test_keys_do_not_change_while_a_secret_is_being_sealed(alice: User) -> None:
    def prune() -> None:
        try:
            vault_rotation.prune()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            store.put(alice.tenant, "openai", VALUE, alice)
            pruning = thread.submit(prune)
            with pytest.raises(TimeoutError):
                pruning.result(0.5)
        pruning.result(5)


@pytest.mark.parametrize("change", ["id", "tenant", "owner", "name", "byte", "head", "short", "empty"])
def test_a_sealed_text_that_was_changed_or_moved_does_not_open(rolled_back: User, neighbours: Neighbours, change: str) -> None:
    alice = rolled_back
    kept = store.put(alice.tenant, "openai", VALUE, alice)
    sealed = bytes(kept.ciphertext)
    match change:
        case "id":
            kept.pk = store.put(alice.tenant, "other", "other", alice).pk
        case "tenant":
            kept.tenant = neighbours.charlie.tenant
        case "owner":
            kept.owner = neighbours.bob
        case "name":
            kept.name = "other"
        case _:
            changed = {"byte": sealed[:-1] + bytes([sealed[-1] ^ 1]), "head": b"\x02" + sealed[1:], "short": sealed[:12]}
            kept.ciphertext = changed.get(change, b"")
    with pytest.raises(Tampered):
        store.reveal(kept)


def test_the_same_value_is_sealed_differently_each_time(alice: User) -> None:
    sealed = {bytes(store.put(alice.tenant, "openai", VALUE, alice).ciphertext) for _ in range(5)}
    assert len(sealed) == 5


def test_a_secret_whose_key_is_lost_names_the_key_and_the_remedy(alice: User) -> None:
    kept = store.put(alice.tenant, "openai", VALUE, alice)
    lost = vault_keys.new()
    kept.ciphertext = vault_seal.seal(Ring((lost,), "elsewhere"), store.row_of(kept), VALUE)
    with pytest.raises(KeyMissing, match=lost.id.hex()) as missing:
        store.reveal(kept)
    assert "forget-lost" in str(missing.value)
    assert lost.line().strip() not in str(missing.value)


def test_no_new_keys_are_made_where_secrets_wait_for_the_old_ones(alice: User, settings: Settings, tmp_path: Path) -> None:
    kept = store.put(alice.tenant, "openai", VALUE, alice)
    settings.VAULT_KEY_FILE = tmp_path / "store.keys"
    with pytest.raises(KeyMissing):
        store.put(alice.tenant, "other", VALUE, alice)
    with pytest.raises(KeyMissing):
        store.reveal(kept)
    assert not settings.VAULT_KEY_FILE.exists()


def test_keys_of_the_environment_are_taken_before_the_file(alice: User, settings: Settings, tmp_path: Path) -> None:
    settings.VAULT_KEY_FILE = tmp_path / "store.keys"
    settings.VAULT_KEYS = vault_keys.new().line()
    kept = store.put(alice.tenant, "openai", VALUE, alice)
    assert store.reveal(kept) == VALUE
    store.forget(kept)
    assert not settings.VAULT_KEY_FILE.exists()


def test_the_last_use_is_noted_at_most_once_an_hour(alice: User) -> None:
    kept = store.put(alice.tenant, "openai", VALUE, alice)
    assert kept.used_at is None
    store.reveal(kept)
    noted = Secret.objects.get(pk=kept.pk).used_at
    store.reveal(kept)
    assert noted is not None
    assert Secret.objects.get(pk=kept.pk).used_at == noted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", VALUE),
        ("a/b", VALUE),
        (" a", VALUE),
        ("a\n", VALUE),
        ("ü", VALUE),
        ("a" * 81, VALUE),
        ("a", ""),
        ("a", " "),
        ("a", "x" * 20_000),
    ],
)
def test_what_is_not_kept(name: str, value: str) -> None:
    with pytest.raises(Unfit):
        store.put(Tenant(), name, value)


# --- The key file ---


def test_a_key_file_is_private_and_many_who_make_it_at_once_have_one(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "store.keys"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(vault_keys.make, [file] * 16))
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["store.keys"]
    ring = vault_keys.load(file)
    assert ring
    assert len(ring.keys) == 1


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "store.keys"
    vault_keys.make(file)
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(KeyFileExposed, match=f"chmod 600 {file}"):
            vault_keys.load(file)


@pytest.mark.parametrize("text", ["", "\n", "short", base64.b64encode(b"x" * 31).decode(), "Ü" * 44, "a b", "*" * 44])
def test_a_key_file_with_something_else_in_it_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    file = tmp_path / "store.keys"
    file.touch(mode=0o600)
    file.write_text(text)
    with pytest.raises(KeyFileUnusable) as refused:
        vault_keys.load(file)
    assert not text.strip() or text not in str(refused.value)


def test_a_folder_in_the_place_of_the_key_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.keys").mkdir(mode=0o700)
    with pytest.raises(KeyFileUnusable):
        vault_keys.load(tmp_path / "store.keys")


def test_a_key_shows_itself_to_nobody() -> None:
    key = vault_keys.new()
    assert key.line().strip() not in repr(Ring((key,), "here"))
    assert repr(key) == "Key()"
    with contextlib.suppress(ValueError):
        vault_keys.parse(f"{key.line()},{key.line()}")
        pytest.fail("a key twice is a mistake")


def test_a_seal_belongs_to_its_version_of_the_row() -> None:
    ring, row = Ring((vault_keys.new(),), "here"), vault_seal.Row(uuid4(), uuid4(), None, "a")
    sealed = vault_seal.seal(ring, row, "x" * 10_000 + secrets.token_hex())
    assert vault_seal.unseal(ring, row, sealed).startswith("xxx")
    with pytest.raises(Tampered):
        vault_seal.unseal(ring, vault_seal.Row(row.id, row.tenant, row.tenant, "a"), sealed)
