"""Answers of devices to a passkey challenge: whether one is readable, right, and the first."""

import json
import struct

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import UnsupportedAlgorithm
from django.core.exceptions import BadRequest
from django.forms import Form
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts.storage import single_use

CHALLENGE_SECONDS = 14 * 24 * 3600  # as long as the session that has the challenge
# Errors of the libraries that parse CBOR, keys and numbers.
UNREADABLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError,
    UnsupportedAlgorithm, ValueError, struct.error,
)  # fmt: skip


def fits(form: Form) -> bool:
    """Check that the form has a right answer to a challenge that was not answered before.

    A challenge works once (WebAuthn, section 13.4.3), also for two answers at the same moment. Raises RedisError.
    """
    is_of_device = "credential" in form.fields
    asked = auth.get_state() if is_of_device else None
    try:
        is_right = form.is_valid()
    except UNREADABLE:
        return False
    return is_right and (asked is None or single_use.spend_word("passkey", str(asked["challenge"]), seconds=CHALLENGE_SECONDS))


def refuse_junk(form: Form) -> None:
    """Raise BadRequest for an unreadable answer, on which the library behind the form fails in many ways."""
    kind = RegistrationResponse if isinstance(form, AddWebAuthnForm) else AuthenticationResponse
    try:
        kind.from_dict(dict(json.loads(form.data.get("credential") or "").items()))
    except UNREADABLE as error:
        raise BadRequest("This is not a passkey's answer.") from error
