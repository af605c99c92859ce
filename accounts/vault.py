"""The vault: keeps provider keys and other credentials, and opens them where they are used (docs/secrets.md).

All of it asks the database; in async code go through `accounts.connections.in_database`. An opened secret is a plain text: use
it and let it go, never put it where something may print it.
"""

import re
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import audit
from accounts.models import Secret, Tenant, User
from accounts.sealing import keys as vault_keys
from accounts.sealing.errors import KeyFileExposed, KeyFileUnusable, KeyMissing, Tampered, Unfit, VaultError
from accounts.sealing.keys import Ring
from accounts.sealing.seal import Row, key_id, seal, unseal
from accounts.texts import is_clean

__all__ = [
    "KeyFileExposed", "KeyFileUnusable", "KeyMissing", "Tampered", "Unfit", "VaultError",
    "check", "find", "forget", "put", "reveal",
]  # fmt: skip

LOCK = 0x7661756C74  # "vault", as PostgreSQL's advisory lock
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:@-]{0,79}")
LONGEST = 16 * 1024  # characters; private keys and tokens of OAuth are a few thousand
SHOWN, LEAST_SHOWN = 4, 12  # of a short secret the last four would be too much
USE_NOTED_EVERY = timedelta(hours=1)


@sensitive_variables("value")
def put(tenant: Tenant, name: str, value: str, owner: User | None = None) -> Secret:
    """Keep a value under a name, in the place of the old one if there is one. Without an owner it is the tenant's.

    Raises Unfit, KeyMissing, KeyFileExposed, KeyFileUnusable.
    """
    check(name, value)
    if owner and owner.tenant_id != tenant.pk:
        raise Unfit("This person belongs to another tenant.")
    try:
        kept = _put(tenant, name, value, owner)
    except IntegrityError:  # somebody kept one under that name at the same moment
        kept = _put(tenant, name, value, owner)
    audit.record("secret.kept", "secret", kept.pk, name=name)
    return kept


def find(tenant: Tenant, name: str, owner: User | None = None) -> Secret | None:
    """What is kept under that name. It says nothing of who may use it."""
    return Secret.objects.filter(tenant=tenant, owner=owner, name=name).first()


def reveal(secret: Secret) -> str:
    """The value. Raises KeyMissing, Tampered, KeyFileExposed, KeyFileUnusable."""
    value = unseal(ring() or Ring((), _place()), row_of(secret), bytes(secret.ciphertext))
    _note_use(secret)
    return value


def forget(secret: Secret) -> None:
    """Delete it."""
    audit.record("secret.deleted", "secret", secret.pk, name=secret.name)
    secret.delete()


@sensitive_variables("value")
def check(name: str, value: str) -> None:
    """Whether a value may be kept under a name. Raises Unfit."""
    if not NAME.fullmatch(name):
        raise Unfit("A name has up to 80 letters, digits, spaces and . _ : @ -, and begins with a letter or a digit.")
    if not value.strip() or len(value) > LONGEST:
        raise Unfit(f"A secret has 1 to {LONGEST:,} characters.")
    if not is_clean(value):
        raise Unfit("A secret is text; this holds a NUL character or half a surrogate pair.")


def row_of(secret: Secret) -> Row:
    """What the secret's sealed text is bound to."""
    return Row(secret.pk, secret.tenant_id, secret.owner_id, secret.name)


def ring() -> Ring | None:
    """The keys as they are now: read each time, since another process may add some."""
    return vault_keys.load(settings.VAULT_KEY_FILE, settings.VAULT_KEYS)


def hold_keys(*, alone: bool = False) -> None:
    """Up to the end of the transaction, keys do not change while a secret is being sealed, nor the other way round."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(%s)", [LOCK])


def sealing_ring() -> Ring:
    """The keys, made at first need. Raises KeyMissing where there are secrets but no keys: new ones would hide the loss."""
    found = ring()
    if found:
        return found
    kept = Secret.objects.first()
    if kept:
        raise KeyMissing(key_id(bytes(kept.ciphertext)).hex(), _place())
    vault_keys.make(settings.VAULT_KEY_FILE)
    return sealing_ring()


@sensitive_variables("value")
@transaction.atomic
def _put(tenant: Tenant, name: str, value: str, owner: User | None) -> Secret:
    hold_keys()
    found = Secret.objects.select_for_update().filter(tenant=tenant, owner=owner, name=name).first()
    secret = found or Secret(tenant=tenant, owner=owner, name=name)
    secret.ciphertext = seal(sealing_ring(), row_of(secret), value)
    secret.hint = value[-SHOWN:] if len(value) >= LEAST_SHOWN else ""
    secret.changed_at = timezone.now()
    secret.save()
    return secret


def _note_use(secret: Secret) -> None:
    """At most once an hour: a key may be used many times a second."""
    now = timezone.now()
    unnoted = Q(used_at=None) | Q(used_at__lt=now - USE_NOTED_EVERY)
    Secret.objects.filter(unnoted, pk=secret.pk).update(used_at=now)


def _place() -> str:
    return str(settings.VAULT_KEY_FILE)
