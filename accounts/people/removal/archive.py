"""The archive of all of a person's data: a JSON file for each part, and a folder for the files of one that has some."""

import json
import tempfile
import zipfile
from collections.abc import Iterable
from typing import IO, Any

from accounts import audit
from accounts.models import User
from accounts.people.removal.holdings import all_holdings

IN_MEMORY = 5_000_000


def archive(person: User) -> IO[bytes]:
    """Write the archive piece by piece to disk, because it may be large; return it open at its start."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the reader closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for holding in all_holdings():
            with packed.open(f"{holding.name}.json", "w") as part:
                _write(part, holding.export(person))
            for place, content in holding.files(person):
                packed.writestr(f"{holding.name}/{place}", content)
    audit.record("person.exported", "person", person.pk)
    file.seek(0)
    return file


def _write(part: IO[bytes], values: Iterable[Any]) -> None:
    separator = b"[\n"
    for value in values:
        part.write(separator + json.dumps(value, default=str, ensure_ascii=False).encode())
        separator = b",\n"
    part.write(b"\n]\n" if separator == b",\n" else b"[]\n")
