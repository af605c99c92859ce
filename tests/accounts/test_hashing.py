"""Passwords are hashed few at a time, with little memory, and the hashes of before still hold."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, get_hasher, make_password

from accounts.people import password_hashing

PASSWORD = "correct horse battery"


def test_a_hash_costs_what_owasp_recommends() -> None:
    encoded = make_password(PASSWORD)
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(PASSWORD, encoded)
    assert not check_password("another", encoded)


def test_a_hash_of_the_default_hasher_still_holds_and_is_renewed() -> None:
    before = Argon2PasswordHasher()
    encoded = before.encode(PASSWORD, before.salt())
    renewed: list[str] = []
    assert check_password(PASSWORD, encoded, renewed.append)
    assert not check_password("another", encoded)
    assert renewed == [PASSWORD]


def test_no_more_than_two_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, now, seen = threading.Lock(), [0], [0]

    def work(*_: object) -> bool:
        with lock:
            now[0] += 1
            seen[0] = max(seen[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        return True

    monkeypatch.setattr(Argon2PasswordHasher, "encode", work)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", work)
    hasher = get_hasher()
    with ThreadPoolExecutor(24) as threads:
        for turn in range(24):
            threads.submit(hasher.encode if turn % 2 else hasher.verify, PASSWORD, "a salt of theirs")
    assert seen == [password_hashing.AT_ONCE]
