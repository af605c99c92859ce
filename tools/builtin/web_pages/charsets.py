"""Bytes of a page as text, as browsers decode them (https://encoding.spec.whatwg.org/)."""

import codecs
import re

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
HEADER = re.compile(r"""charset=["']?([\w.:-]+)""", re.IGNORECASE)
META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{2,40})""", re.IGNORECASE)
HEAD = 4096  # bytes in which a page names its encoding
# Of Python's codecs, those of the web; others unpack, or take long.
OF_THE_WEB = (
    "utf-8",
    "utf-16",
    "cp125",
    "cp874",
    "cp866",
    "iso8859",
    "koi8",
    "gb",
    "big5",
    "euc",
    "shift",
    "iso2022_jp",
    "mac-",
)
LATIN = "cp1252"  # what browsers read where iso-8859-1 or ascii is named
ALIASES = {"iso8859-1": LATIN, "ascii": LATIN}


def decoded(body: bytes, content_type: str) -> str:
    """Decode the body by its mark, by the header, by the page itself, or by trying."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    named = HEADER.search(content_type)
    inside = META.search(body[:HEAD])
    label = named[1] if named else inside[1].decode("ascii", "replace") if inside else ""
    encoding = _known(label)
    return body.decode(encoding, "replace") if encoding else _tried(body)


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    name = ALIASES.get(name, name)
    return name if name.startswith(OF_THE_WEB) else None


def _tried(body: bytes) -> str:
    """Read UTF-8, even with bad bytes here and there; if most that is not ASCII is bad, it is something else."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if not bad or sum(not one.isascii() for one in text) > 2 * bad:
        return text
    return body.decode(LATIN, "replace")
