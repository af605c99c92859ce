"""Text from outside that must be stored and sent on: PostgreSQL keeps no NUL, and UTF-8 has no lone surrogates. Pure."""


def is_clean(text: str) -> bool:
    """Whether the text can be stored as it is."""
    return "\0" not in text and not _has_surrogates(text)


def cleaned(text: str) -> str:
    """The text without NUL; half a surrogate pair becomes the replacement character."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _has_surrogates(text) else text


def _has_surrogates(text: str) -> bool:
    if text.isascii():  # the common case, and known without looking
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
