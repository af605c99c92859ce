"""The operators' pages stand on copies of parts of django-unfold. When an upgrade changes the originals, look at the copies."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.stack import ROOT

FOUND = find_spec("unfold")
assert FOUND
assert FOUND.origin
UNFOLD = Path(FOUND.origin).parent

# Each original as it was when the copy was made from it, with what the copy changes.
ORIGINALS = {
    "static/unfold/js/alpine/alpine.js": "3ed1eed252488921df65e363d6715deb04d7f92aaedb9e52199fdf73cb1e0ad3",
    "templates/admin/actions.html": "b5332aace8e6919204a65b842e626bd8b1d5f8ed855dc290ab114b08526c5f15",
    "templates/admin/index.html": "9fdb849b7da18ccde0e5dda1923465830718700726570ea70554bffe1f012115",
    "templates/unfold/helpers/account_links.html": "2bf64df6869b6b290739bf9a191e8b8411b4a31ce3008a86baaf3032502c0540",
    "templates/unfold/helpers/empty_results.html": "5f4727a37a99da76e245048c8c7d7307ded9fe749533b33410e38657a9b1ef7e",
    "templates/unfold/helpers/welcomemsg.html": "e8eab02522ba2319b937086bbcb6bf2a2bbe1489d236ad90ff23edbe070a7d6b",
    "templates/unfold/layouts/skeleton.html": "66af9f0bb45f98ba4e16ba5e5a11f36d87b8e07430d19066d088b29548491c2e",
}
ALPINE = "0d18d7f8d7910e2e0212f0f056b12f50bebc3abb7d88d2f7c7cb4c336fe4519a"


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_original_is_the_one_that_was_copied(name: str) -> None:
    assert hashlib.sha256((UNFOLD / name).read_bytes()).hexdigest() == ORIGINALS[name], f"Carry the change over to our {name}."


@pytest.mark.parametrize("name", ORIGINALS)
def test_each_copy_takes_the_originals_place(name: str) -> None:
    assert (ROOT / name).is_file()


def test_alpine_is_the_published_build_that_needs_no_eval_and_has_its_licence() -> None:
    """`@alpinejs/csp` 3.17.4, `dist/cdn.min.js`."""
    folder = ROOT / "static/unfold/js/alpine"
    assert hashlib.sha256((folder / "alpine.js").read_bytes()).hexdigest() == ALPINE
    assert "MIT License" in (folder / "LICENSE").read_text()
