"""What a device says to a question for a passkey: whether it is an answer at all, a right one, and the first one."""

import json
import struct

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import UnsupportedAlgorithm
from django.core.exceptions import BadRequest
from django.forms import Form
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts import single_use

CHALLENGE_SECONDS = 14 * 24 * 3600  # as long as the session that holds the question
# As the readers of CBOR, of keys and of numbers behind it say that they do not understand.
UNREADABLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError,
    UnsupportedAlgorithm, ValueError, struct.error,
)  # fmt: skip


def fits(form: Form) -> bool:
    """Whether the form holds a right answer to a question that was not answered before.

    A challenge counts once (WebAuthn, section 13.4.3), also where two answer it at the same moment. Raises RedisError.
    """
    is_of_device = "credential" in form.fields
    asked = auth.get_state() if is_of_device else None
    try:
        is_right = form.is_valid()
    except UNREADABLE:
        return False
    return is_right and (asked is None or single_use.spend_word("passkey", str(asked["challenge"]), seconds=CHALLENGE_SECONDS))


def refuse_junk(form: Form) -> None:
    """Raises BadRequest for what no device says: the library behind the form fails to read it in many ways."""
    kind = RegistrationResponse if isinstance(form, AddWebAuthnForm) else AuthenticationResponse
    try:
        kind.from_dict(dict(json.loads(form.data.get("credential") or "").items()))
    except UNREADABLE as error:
        raise BadRequest("This is not the answer of a device.") from error
