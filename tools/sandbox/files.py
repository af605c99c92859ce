"""Files and plots that come out of the sandbox, with safe names and media types: never ones that a browser runs."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import starmap
from pathlib import PurePosixPath

from tools.specs import MadeFile

MOST_FILES, LONGEST_NAME, LONGEST_ENDING = 20, 120, 20
DOWNLOAD = "application/octet-stream"  # also of HTML, SVG, XML and scripts: a browser must not open them as pages of ours
TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".log": "text/plain",
    ".py": "text/plain",
    ".md": "text/markdown",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".parquet": "application/vnd.apache.parquet",
}
IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF87a": "image/gif", b"GIF89a": "image/gif"}
UNFIT = re.compile(r'[\\:*?"<>|]')


def plots_of(images: Sequence[bytes]) -> tuple[MadeFile, ...]:
    """Return the figures as files, those that are images."""
    named = enumerate((image for image in images if _image_type(image) == "image/png"), start=1)
    return tuple(MadeFile(f"plot-{number}.png", "image/png", image) for number, image in named)


def files_of(names: Sequence[str], contents: Sequence[bytes]) -> tuple[MadeFile, ...]:
    """Return the files, with names that are fit for every system."""
    return tuple(starmap(_file, zip(names[:MOST_FILES], contents, strict=False)))


def _file(name: str, content: bytes) -> MadeFile:
    plain = _plain(name)
    return MadeFile(plain, _image_type(content) or TYPES.get(PurePosixPath(plain).suffix.lower(), DOWNLOAD), content)


def _image_type(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in IMAGES.items() if content.startswith(beginning)), "")


def _plain(name: str) -> str:
    """Make a relative path of parts without control, invisible and reserved characters."""
    shown = "".join(each for each in name if unicodedata.category(each)[0] != "C")
    parts = [part for part in UNFIT.sub("_", shown).split("/") if part.strip(". ")]
    path = "/".join(parts) or "file"
    return path if len(path) <= LONGEST_NAME else path[: LONGEST_NAME - LONGEST_ENDING] + path[-LONGEST_ENDING:]
