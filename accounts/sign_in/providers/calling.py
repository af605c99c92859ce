"""Calls to providers: through the guarded client, within seconds, and without following redirects.

The operator configured the issuer, which may therefore be in your own network. Other places in it that the issuer names may not
be called.
"""

from typing import Any

import requests
from django.conf import settings
from requests.adapters import BaseAdapter

from accounts import egress
from accounts.egress.targets import origin_of, parse

ALL_SECONDS = 6
MOST_BYTES = 1_000_000
TROUBLE = 500  # this status and higher ones are the provider's own fault


class BadAnswer(requests.RequestException):
    """There is no answer, it is too long or too slow, or it is not what was asked for."""


class ProviderSession(requests.Session):
    """`requests`, as allauth uses it, through `accounts.egress`."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxies and passwords of the environment
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Guarded())

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a request and read the whole answer. Raises RequestException."""
        response = super().send(request, **options | {"allow_redirects": False})
        if response.is_redirect:
            raise BadAnswer("It redirects, and a client's secret must not be sent elsewhere.")
        if response.status_code >= TROUBLE:
            raise BadAnswer(f"It answers with status {response.status_code}.")
        return response


class _Guarded(BaseAdapter):
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        url = str(request.url)
        try:
            answer = egress.fetch_now(
                url,
                method=str(request.method),
                headers=_headers(request),
                body=_body(request),
                seconds=ALL_SECONDS,
                most_bytes=MOST_BYTES,
                redirects=0,
                by_operator=_is_configured(url),
            )
        except egress.EgressError as error:
            raise BadAnswer(str(error)) from error
        return _response(request, answer)

    def close(self) -> None:
        """Do nothing: no connection is kept."""


def _headers(request: requests.PreparedRequest) -> dict[str, str]:
    """Select the headers meant for the provider; the client sets the others."""
    own = {"accept-encoding", "connection", "content-length"}
    return {name: str(value) for name, value in request.headers.items() if name.lower() not in own}


def _body(request: requests.PreparedRequest) -> bytes | None:
    return request.body.encode() if isinstance(request.body, str) else request.body  # type: ignore[return-value]  # no streams here


def _is_configured(url: str) -> bool:
    """Check whether the operator configured that place."""
    given = settings.ENVIRONMENT
    named = (address for address in (given.oidc_issuer, given.github_url) if address)
    try:
        return origin_of(parse(url)) in {origin_of(parse(address)) for address in named}
    except egress.EgressError:
        return False


def _response(request: requests.PreparedRequest, answer: egress.Answer) -> requests.Response:
    response = requests.Response()
    response.request, response.url, response.status_code = request, answer.url, answer.status
    response.headers.update(answer.headers)
    response._content = answer.body  # noqa: SLF001  where requests keeps it
    return response
