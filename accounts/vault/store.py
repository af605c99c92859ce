"""The vault: it stores provider keys and other credentials and reveals them where they are used (docs/secrets.md).

Every function queries the database; async code uses `in_database`. A revealed secret is plain text: use it, drop it, and never
put it where something may print it.
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
from accounts.storage.texts import is_clean
from accounts.vault import keys as vault_keys
from accounts.vault.errors import KeyFileExposed, KeyFileUnusable, KeyMissing, Tampered, Unfit, VaultError
from accounts.vault.keys import Ring
from accounts.vault.seal import Row, key_id, seal, unseal

__all__ = [
    "KeyFileExposed", "KeyFileUnusable", "KeyMissing", "Tampered", "Unfit", "VaultError",
    "check", "find", "forget", "put", "reveal",
]  # fmt: skip

LOCK = 0x7661756C74  # "vault", as PostgreSQL's advisory lock
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:@-]{0,79}")
LONGEST = 16 * 1024  # characters; private keys and OAuth tokens have a few thousand
SHOWN, LEAST_SHOWN = 4, 12  # the last four characters of a short secret would reveal too much
USE_NOTED_EVERY = timedelta(hours=1)


@sensitive_variables("value")
def put(tenant: Tenant, name: str, value: str, owner: User | None = None) -> Secret:
    """Store a value under a name, replacing an earlier one. Without an owner it belongs to the tenant.

    Raises Unfit, KeyMissing, KeyFileExposed, KeyFileUnusable.
    """
    check(name, value)
    if owner and owner.tenant_id != tenant.pk:
        raise Unfit("This person belongs to another tenant.")
    try:
        kept = _put(tenant, name, value, owner)
    except IntegrityError:  # another request stored one under that name at the same moment
        kept = _put(tenant, name, value, owner)
    audit.record("secret.kept", "secret", kept.pk, name=name)
    return kept


def find(tenant: Tenant, name: str, owner: User | None = None) -> Secret | None:
    """Return the secret under that name, or None. The caller checks who may use it."""
    return Secret.objects.filter(tenant=tenant, owner=owner, name=name).first()


def reveal(secret: Secret) -> str:
    """Return the value. Raises KeyMissing, Tampered, KeyFileExposed, KeyFileUnusable."""
    value = unseal(ring() or Ring((), _place()), row_of(secret), bytes(secret.ciphertext))
    _note_use(secret)
    return value


def forget(secret: Secret) -> None:
    """Delete the secret."""
    audit.record("secret.deleted", "secret", secret.pk, name=secret.name)
    secret.delete()


@sensitive_variables("value")
def check(name: str, value: str) -> None:
    """Check that a value may be stored under a name. Raises Unfit."""
    if not NAME.fullmatch(name):
        raise Unfit("A name has up to 80 letters, digits, spaces and . _ : @ -, and starts with a letter or a digit.")
    if not value.strip() or len(value) > LONGEST:
        raise Unfit(f"A secret has 1 to {LONGEST:,} characters.")
    if not is_clean(value):
        raise Unfit("A secret is text. This one contains a NUL character or half a surrogate pair.")


def row_of(secret: Secret) -> Row:
    """Return the row that the secret's encrypted text is bound to."""
    return Row(secret.pk, secret.tenant_id, secret.owner_id, secret.name)


def ring() -> Ring | None:
    """Return the current keys; they are read each time, because another process may add one."""
    return vault_keys.load(settings.VAULT_KEY_FILE, settings.VAULT_KEYS)


def hold_keys(*, alone: bool = False) -> None:
    """Lock the keys until the transaction ends, so that they do not change while a secret is encrypted, or vice versa."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(%s)", [LOCK])


def sealing_ring() -> Ring:
    """Return the keys, created on first use. Raises KeyMissing if only the keys are gone: new ones would hide the loss."""
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
    """Record the use at most once an hour: a key may be used many times a second."""
    now = timezone.now()
    unnoted = Q(used_at=None) | Q(used_at__lt=now - USE_NOTED_EVERY)
    Secret.objects.filter(unnoted, pk=secret.pk).update(used_at=now)


def _place() -> str:
    return str(settings.VAULT_KEY_FILE)
