"""A QR code as the path of an inline SVG, which no content security policy minds."""

from typing import NamedTuple

import qrcode


class Picture(NamedTuple):
    """`size` is the side in modules, the quiet zone around it included; `path` is what to fill."""

    size: int
    path: str


def path(text: str) -> Picture:
    """The code for that text."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dots = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Picture(len(rows), "".join(dots))
