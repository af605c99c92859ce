"""At which address passkeys work. A browser keeps each for one name, and only where nobody can listen.

WebAuthn, section 5.1.3: the name must be a domain, so no address of four numbers; a secure context is https, or this machine.
"""

import ipaddress
import json
import struct
from urllib.parse import urlsplit, urlunsplit

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import HttpRequest
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts import single_use

CHALLENGE_SECONDS = 14 * 24 * 3600  # as long as the session that holds the question
# As the readers of CBOR, of keys and of numbers behind it say that they do not understand.
UNREADABLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError,
    UnsupportedAlgorithm, ValueError, struct.error,
)  # fmt: skip


def name() -> str:
    """The name that passkeys are kept for; empty where there is none."""
    return urlsplit(home()).hostname or ""


def home() -> str:
    """The portal's address at which passkeys work; empty where there is none."""
    public = urlsplit(settings.PUBLIC_URL)
    host = public.hostname or ""
    if _is_loopback(host):
        port = f":{public.port}" if public.port else ""
        return urlunsplit((public.scheme, f"localhost{port}", "", "", ""))
    return settings.PUBLIC_URL if public.scheme == "https" and not _is_number(host) else ""


def problem(request: HttpRequest) -> str:
    """Why passkeys do not work where this request came in; empty where they do. Where else they would, `home` says."""
    if not home():
        return (
            "Passkeys need an address that begins with https:// and has a name. "
            "Whoever runs this server can set one up; until then, use the codes of an authenticator app."
        )
    if request.get_host().partition(":")[0] != name():
        return "Passkeys do not work at this address: browsers allow them only at https:// with a name, or at http://localhost."
    return ""


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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
