"""Values between Galaxy and the job of reading a page."""

import msgspec
from msgspec import Struct


class Fetched(Struct, frozen=True):
    """A fetched body and where it came from."""

    url: str
    content_type: str
    is_html: bool
    body: bytes


class Text(Struct, frozen=True):
    """A page as text."""

    title: str
    language: str
    text: str


fetched_pages = msgspec.msgpack.Decoder(Fetched)
texts = msgspec.msgpack.Decoder(Text)
encode = msgspec.msgpack.Encoder().encode
