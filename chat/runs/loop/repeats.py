"""Finds that a text has come to repeat itself, as small models do until they are stopped. Pure."""

LONGEST_LOOP = 4_000  # bytes
LOOKED_AT = 40_000
# A short loop is told from what a user may have asked for by its length, a long one by how often it comes.
SHORT_LOOP, OF_SHORT = 200, 6_000
MARK = 48  # what is looked for before the end, to find how long the loop is


def repeats(tail: bytes) -> bool:
    """Tell whether the text ends with one piece again and again. `tail`: its last `LOOKED_AT` bytes, or fewer."""
    loop = _loop(tail)
    if not loop:
        return False
    wanted = OF_SHORT if loop <= SHORT_LOOP else LOOKED_AT
    return len(tail) >= wanted and tail[-wanted + loop :] == tail[-wanted:-loop]


def _loop(tail: bytes) -> int:
    """The length in bytes of the piece that the text may end with twice; 0 for none."""
    mark = tail[-MARK:]
    before = tail.rfind(mark, max(0, len(tail) - MARK - LONGEST_LOOP), len(tail) - 1)
    return len(tail) - MARK - before if before >= 0 else 0
