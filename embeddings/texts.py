"""Texts made fit for a model: characters that cannot be encoded are replaced, and the end of a far too long text is cut off."""

MOST_CHARACTERS = 32_768  # many times what the embedded model reads, and about the most that providers accept


def taken(text: str) -> tuple[str, bool]:
    """Return the text fit to be sent, and whether its end was cut off. To a model, a run of spaces is one space."""
    if len(text) <= MOST_CHARACTERS:
        return _mended(text), False
    short = " ".join(text.split())
    return _mended(short[:MOST_CHARACTERS]), len(short) > MOST_CHARACTERS


def _mended(text: str) -> str:
    """Replace NUL, and halves of characters (lone surrogates), which cannot be encoded."""
    if text.isascii():
        return text.replace("\0", " ")
    return text.replace("\0", " ").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
