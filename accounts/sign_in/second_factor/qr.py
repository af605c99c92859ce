"""QR codes as the path of an inline SVG, which every content security policy allows."""

from typing import NamedTuple

import qrcode


class Picture(NamedTuple):
    """`size` is the side in modules, including the quiet zone; `path` is the dark area."""

    size: int
    path: str


def path(text: str) -> Picture:
    """Build the QR code of a text."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dots = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Picture(len(rows), "".join(dots))
