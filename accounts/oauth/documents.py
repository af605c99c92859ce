"""Who an app says it is: its metadata, from a document at its client id or as it registers (RFC 7591, section 2).

Client ID Metadata Documents: draft-ietf-oauth-client-id-metadata-document-01. The app names itself by an https address of its
own; what stands there is fetched, and believed as far as that site is.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from oauth2_provider.cimd import CIMDError
from oauthlib.common import Request

from accounts import audit, egress
from accounts.oauth import redirects, throttle

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
    """An app that describes itself like this is not taken. Says why."""


class AskedByAPerson:
    """Documents are fetched for a person who is signed in, not for whoever knocks at the token endpoint; and not endlessly."""

    def has_permission(self, request: Request, _client_id: str) -> bool:
        """Asked by the toolkit before it fetches."""
        person, path = audit.actor().person_id, request.uri.partition("?")[0]
        is_asked = person is not None and path == AUTHORIZE
        return is_asked and not throttle.is_over("documents", str(person), most=MOST_A_MINUTE, seconds=60)


class Fetcher:
    """Asked by the toolkit for the document of an app that it does not know, or not any more."""

    def fetch(self, client_id: str) -> tuple[dict[str, Any], int]:
        """The metadata, and for how many seconds they hold. Raises CIMDError."""
        _check(client_id)
        try:
            answer = egress.fetch_now(
                client_id, most_bytes=MOST_BYTES, seconds=SECONDS, redirects=0, headers=WANTED, on_done=_told
            )
            document = answer.json()
        except egress.EgressError as error:
            raise BadMetadata(str(error)) from error
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if answer.status != 200 or not re.fullmatch(r"application/([\w.-]+\+)?json", kind):  # noqa: PLR2004
            raise BadMetadata(f"There is no document, but {answer.status} {kind}.")
        return trimmed(document), _age(answer.headers.get("Cache-Control", ""))


def _told(done: egress.Done) -> None:
    outcome: audit.Outcome = "ok" if done.outcome == "ok" else "refused" if done.outcome == "Forbidden" else "failed"
    audit.record("app.fetched", "app", done.origin, outcome=outcome, milliseconds=round(done.seconds * 1000), how=done.outcome)


def checked(document: Any) -> dict[str, Any]:
    """The metadata of an app that registers. Raises BadMetadata.

    It is told at once of each address that does not do: an app that waited there would wait in vain. A document, which an app
    writes for every server, is only trimmed.
    """
    for place in _texts(document, "redirect_uris") if isinstance(document, dict) else ():
        if redirects.read(place) is None:
            where = "use https, or http://127.0.0.1 on the person's own machine"
            raise BadMetadata(f"Galaxy sends no one to {place[:200]!r}: {where}.")
    return trimmed(document)


def trimmed(document: Any) -> dict[str, Any]:
    """The metadata without what Galaxy does not offer. Raises BadMetadata when nothing is left to work with.

    Apps write one document for every server: VS Code, for one, also names grants that no browser takes part in.
    """
    if not isinstance(document, dict):
        raise BadMetadata("The metadata are no object.")
    grants = [grant for grant in _texts(document, "grant_types", GRANTS) if grant in GRANTS]
    places = [place for place in _texts(document, "redirect_uris")[:MOST_REDIRECTS] if redirects.read(place)]
    if GRANTS[0] not in grants or not places:
        raise BadMetadata("Galaxy works with apps that take a code at an https address, or on the person's own machine.")
    return {**document, "grant_types": grants, "redirect_uris": places, "client_name": _name(document)}


def _name(document: dict[str, Any]) -> str:
    """What the app calls itself, without what could make it look like something else, such as a change of direction."""
    given = document.get("client_name")
    shown = "".join(character for character in given if character.isprintable()) if isinstance(given, str) else ""
    return " ".join(shown.split())[:LONGEST_NAME]


def _texts(document: dict[str, Any], name: str, default: tuple[str, ...] = ()) -> list[str]:
    given = document.get(name, list(default))
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise BadMetadata(f"{name} is no list of texts.")
    return given


def _check(client_id: str) -> None:
    """Section 3 of the draft: https, with a path, without anything that hides where it leads. Raises BadMetadata."""
    try:
        parts = urlsplit(client_id)
        _ = parts.port
    except ValueError as error:
        raise BadMetadata("The client id is no address.") from error
    is_hidden = "#" in client_id or "@" in parts.netloc or {".", ".."} & set(parts.path.split("/"))
    is_readable = redirects.READABLE.fullmatch(client_id) and len(client_id) <= LONGEST_ID
    if not client_id.startswith("https://") or len(parts.path) < 2 or is_hidden or not is_readable:  # noqa: PLR2004
        raise BadMetadata("The client id is no address of a document.")


def _age(cache_control: str) -> int:
    """How long it is kept: as the site wishes, within bounds (section 4.3 of the draft)."""
    wished = AGE.search(cache_control)
    age = 0 if "no-store" in cache_control or "no-cache" in cache_control else int(wished[1]) if wished else LONGEST_AGE
    return min(max(age, SHORTEST_AGE), LONGEST_AGE)
