"""Texts as they come, and as a model can take them: what is no text is mended, what is far too long is cut."""

MOST_CHARACTERS = 32_768  # many times what the embedded model reads, and about what providers read at most


def taken(text: str) -> tuple[str, bool]:
    """Return the text as it can be sent, and whether its end was cut off. Runs of spaces are one space to a model."""
    if len(text) <= MOST_CHARACTERS:
        return _mended(text), False
    short = " ".join(text.split())
    return _mended(short[:MOST_CHARACTERS]), len(short) > MOST_CHARACTERS


def _mended(text: str) -> str:
    """Replace NUL, and halves of characters (lone surrogates), which cannot be encoded."""
    if text.isascii():
        return text.replace("\0", " ")
    return text.replace("\0", " ").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
