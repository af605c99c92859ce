"""How a provider is called: within seconds, for answers of a sensible size, and nowhere else than where it was asked."""

import time
from typing import Any

import requests

CONNECT_SECONDS, READ_SECONDS, ALL_SECONDS = 3.0, 5.0, 10.0
MOST_BYTES = 1_000_000
PIECE = 65_536


class BadAnswer(requests.RequestException):
    """The answer is too long, takes too long, or is none that was asked for."""


class ProviderSession(requests.Session):
    """`requests`, as allauth speaks it, with bounds."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxies and passwords of the environment

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send, and read all of the answer. Raises RequestException."""
        options |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "stream": True, "allow_redirects": False}
        ends = time.monotonic() + ALL_SECONDS
        response = super().send(request, **options)
        response._content = _read(response, ends)  # noqa: SLF001  where requests keeps it
        if response.is_redirect:
            raise BadAnswer("It sends elsewhere, where a client's secret may not follow.")
        return response


def _read(response: requests.Response, ends: float) -> bytes:
    pieces = b""
    with response:
        for piece in response.iter_content(PIECE):
            pieces += piece
            if len(pieces) > MOST_BYTES or time.monotonic() > ends:
                raise BadAnswer("Its answer is too long, or takes too long.")
    return pieces
