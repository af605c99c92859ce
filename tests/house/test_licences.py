"""Galaxy may be used and passed on under Apache 2.0: no locked package is under the GPL or the AGPL."""

import re
from importlib.metadata import PackageNotFoundError, metadata

from tests.stack import ROOT

LOCKED = re.compile(r"^([A-Za-z0-9_.-]+)==", re.MULTILINE)
# "LGPL" is not a match: such a library is used as it is, and may be replaced by whoever runs Galaxy.
COPYLEFT = re.compile(r"(?<!L)\bA?GPL|(?<!Lesser )(?<!Library or Lesser )\bGeneral Public License|Affero", re.IGNORECASE)


def licence_of(name: str) -> str:
    about = metadata(name)
    classifiers = [line for line in about.get_all("Classifier", []) if line.startswith("License")]
    # The whole text may stand in `License`: its first line is the name.
    return " | ".join(
        [*about.get_all("License-Expression", []), *(text[:80] for text in about.get_all("License", [])), *classifiers]
    )


def test_no_locked_package_is_under_the_gpl() -> None:
    found = {}
    for name in LOCKED.findall((ROOT / "requirements" / "base.txt").read_text()):
        try:
            licence = licence_of(name)
        except PackageNotFoundError:
            continue  # for another system
        if COPYLEFT.search(licence):
            found[name] = licence
    assert found == {}


def test_every_locked_package_is_held_by_its_hash() -> None:
    for name in ("base", "dev", "sandbox"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        entries = re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.MULTILINE)[1:]
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
        assert "--index-url" not in text
