"""Errors of an outgoing call, with messages for the person who asked for it.

    EgressError
     ├─ BadAddress         the text is not an address that can be called
     ├─ BadHeader          a header that callers must not set
     ├─ Forbidden          the guard refused the address
     │   └─ TooManyRedirects
     ├─ Unreachable        the site does not answer
     ├─ TooSlow            the time is up
     ├─ TooLarge           the answer is too large
     └─ BadAnswer          the answer cannot be read

Messages never contain an address of your own network: the person who asked must not learn its layout.
"""


class EgressError(Exception):
    """A call that was not made or was not completed. `str()` may be shown to people."""


class BadAddress(EgressError):
    """The text is not an address that can be called."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This address cannot be called: {why}.")


class BadHeader(EgressError):
    """A malformed header, or one that only the client sets."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The header {name[:40]!r} cannot be sent.")


class Forbidden(EgressError):
    """The guard refused the address."""


class TooManyRedirects(Forbidden):
    """The site redirects too often."""

    def __init__(self) -> None:
        super().__init__("The site redirects too many times.")


class Unreachable(EgressError):
    """The site does not answer, or not with HTTP."""


class TooSlow(EgressError):
    """The time is up."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The site did not answer within {seconds:g} seconds.")


class TooLarge(EgressError):
    """The answer is too large, packed or unpacked."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"The answer is larger than the {most_bytes:,} bytes that Galaxy accepts.")


class BadAnswer(EgressError):
    """The answer cannot be read."""
