"""Metadata of apps, from a document at their client id or from their registration (RFC 7591, section 2).

Client ID Metadata Documents: draft-ietf-oauth-client-id-metadata-document-01. An app's id is an https address of its own; its
document is fetched from there and trusted as far as that site is.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from oauth2_provider.cimd import CIMDError
from oauthlib.common import Request

from accounts import audit, egress
from accounts.oauth import redirects, request_rate

WANTED = {"Accept": "application/json, application/*+json"}
MOST_BYTES = 16 * 1024
SECONDS = 5.0
LONGEST_ID = 255
LONGEST_NAME = 60
MOST_REDIRECTS = 20
GRANTS = ("authorization_code", "refresh_token")
AGE = re.compile(r"max-age\s*=\s*(\d{1,9})", re.IGNORECASE)
SHORTEST_AGE, LONGEST_AGE = 300, 24 * 3600
AUTHORIZE = "/oauth/authorize"
MOST_A_MINUTE = 20


class BadMetadata(CIMDError):  # type: ignore[misc]  # the toolkit has no types; it takes this one for "no such app"
    """Metadata that Galaxy does not accept. The message says why."""


class AskedByAPerson:
    """Allows fetching documents only for a signed-in person, not for any caller of the token endpoint, and not too often."""

    def has_permission(self, request: Request, _client_id: str) -> bool:
        """Decide for the toolkit whether a document may be fetched."""
        person, path = audit.actor().person_id, request.uri.partition("?")[0]
        is_asked = person is not None and path == AUTHORIZE
        return is_asked and not request_rate.is_over("documents", str(person), most=MOST_A_MINUTE, seconds=60)


class Fetcher:
    """Fetches for the toolkit the document of an app that it does not know, or no longer."""

    def fetch(self, client_id: str) -> tuple[dict[str, Any], int]:
        """Return the metadata and their lifetime in seconds. Raises CIMDError."""
        _check(client_id)
        try:
            answer = egress.fetch_now(
                client_id, most_bytes=MOST_BYTES, seconds=SECONDS, redirects=0, headers=WANTED, on_done=_record
            )
            document = answer.json()
        except egress.EgressError as error:
            raise BadMetadata(str(error)) from error
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if answer.status != 200 or not re.fullmatch(r"application/([\w.-]+\+)?json", kind):  # noqa: PLR2004
            raise BadMetadata(f"The address answers with {answer.status} {kind} and not with a document.")
        return trimmed(document), _age(answer.headers.get("Cache-Control", ""))


def _record(done: egress.Done) -> None:
    outcome: audit.Outcome = "ok" if done.outcome == "ok" else "refused" if done.outcome == "Forbidden" else "failed"
    audit.record("app.fetched", "app", done.origin, outcome=outcome, milliseconds=round(done.seconds * 1000), how=done.outcome)


def checked(document: Any) -> dict[str, Any]:
    """Check the metadata of an app that registers. Raises BadMetadata.

    An app that registers is told at once about each unusable address: it would wait there in vain. A document, which an app
    writes for all servers alike, is only trimmed.
    """
    for place in _texts(document, "redirect_uris") if isinstance(document, dict) else ():
        if redirects.read(place) is None:
            where = "use https, or http://127.0.0.1 on the person's own computer"
            raise BadMetadata(f"Galaxy does not redirect to {place[:200]!r}: {where}.")
    return trimmed(document)


def trimmed(document: Any) -> dict[str, Any]:
    """Remove from the metadata what Galaxy does not offer. Raises BadMetadata if too little is left.

    Apps write one document for all servers: VS Code, for example, also lists grant types that involve no browser.
    """
    if not isinstance(document, dict):
        raise BadMetadata("The metadata must be a JSON object.")
    grants = [grant for grant in _texts(document, "grant_types", GRANTS) if grant in GRANTS]
    places = [place for place in _texts(document, "redirect_uris")[:MOST_REDIRECTS] if redirects.read(place)]
    if GRANTS[0] not in grants or not places:
        raise BadMetadata("Galaxy needs authorization codes and a redirect URI with https or on the person's own computer.")
    return {**document, "grant_types": grants, "redirect_uris": places, "client_name": _name(document)}


def _name(document: dict[str, Any]) -> str:
    """Return the app's name without characters that could disguise it, such as a change of direction."""
    given = document.get("client_name")
    shown = "".join(character for character in given if character.isprintable()) if isinstance(given, str) else ""
    return " ".join(shown.split())[:LONGEST_NAME]


def _texts(document: dict[str, Any], name: str, default: tuple[str, ...] = ()) -> list[str]:
    given = document.get(name, list(default))
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise BadMetadata(f"{name} must be a list of strings.")
    return given


def _check(client_id: str) -> None:
    """Check section 3 of the draft: https, a path, and nothing that hides the destination. Raises BadMetadata."""
    try:
        parts = urlsplit(client_id)
        _ = parts.port
    except ValueError as error:
        raise BadMetadata("The client id is not an address.") from error
    is_hidden = "#" in client_id or "@" in parts.netloc or {".", ".."} & set(parts.path.split("/"))
    is_readable = redirects.READABLE.fullmatch(client_id) and len(client_id) <= LONGEST_ID
    if not client_id.startswith("https://") or len(parts.path) < 2 or is_hidden or not is_readable:  # noqa: PLR2004
        raise BadMetadata("The client id is not the https address of a document.")


def _age(cache_control: str) -> int:
    """Return the document's lifetime: as the site asks, within bounds (section 4.3 of the draft)."""
    wished = AGE.search(cache_control)
    age = 0 if "no-store" in cache_control or "no-cache" in cache_control else int(wished[1]) if wished else LONGEST_AGE
    return min(max(age, SHORTEST_AGE), LONGEST_AGE)
