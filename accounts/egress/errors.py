"""What can go wrong with an outgoing call, in words for the person who asked for it.

    EgressError
     ├─ BadAddress         the text is no address that can be called
     ├─ BadHeader          a header that callers may not set
     ├─ Forbidden          the guard says no
     │   └─ TooManyRedirects
     ├─ Unreachable        nobody answers there
     ├─ TooSlow            the time is up
     ├─ TooLarge           the size is up
     └─ BadAnswer          what came is no answer that can be read

No message names an address of the own network: whoever asks must not learn how it looks inside.
"""


class EgressError(Exception):
    """A call that was not made, or did not come to its end. `str()` may be shown to people."""


class BadAddress(EgressError):
    """The text is no address that can be called."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This address cannot be called: {why}.")


class BadHeader(EgressError):
    """A header that is malformed, or that is the client's own."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The header {name[:40]!r} cannot be sent.")


class Forbidden(EgressError):
    """The guard says no."""


class TooManyRedirects(Forbidden):
    """The site sends its visitors on and on."""

    def __init__(self) -> None:
        super().__init__("The site sends its visitors on too many times.")


class Unreachable(EgressError):
    """Nobody answers there, or not as HTTP asks."""


class TooSlow(EgressError):
    """The time is up."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The site did not answer within {seconds:g} seconds.")


class TooLarge(EgressError):
    """The answer is larger than was asked for, as it is or once it is unpacked."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"The answer is larger than the {most_bytes:,} bytes that are taken.")


class BadAnswer(EgressError):
    """What came is no answer that can be read."""
