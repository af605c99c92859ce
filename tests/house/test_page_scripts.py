"""Scripts that pages load: the published htmx with its licence, named by its version, and our own modules in small folders."""

import hashlib
import re

from tests.stack import ROOT

VENDOR = ROOT / "static/vendor"
# `htmx.org` 4.0.1, `dist/htmx.esm.min.js`.
HTMX = "df982506d1529a193f6073f568ec821d4ae8db761bdb0ef07bd6a3d5eace0b2e"
MOST_IN_A_FOLDER = 15


def test_htmx_is_the_published_build_and_has_its_licence() -> None:
    assert hashlib.sha256((VENDOR / "htmx-4.0.1.esm.min.js").read_bytes()).hexdigest() == HTMX
    assert "Zero-Clause BSD" in (VENDOR / "htmx-4.0.1.LICENSE").read_text()


def test_every_vendored_file_names_its_version_and_has_a_licence() -> None:
    for file in VENDOR.glob("*.js"):
        version = re.match(r"[a-z-]+-\d+\.\d+\.\d+", file.name)
        assert version, file.name
        assert (VENDOR / f"{version[0]}.LICENSE").is_file()


def test_no_folder_of_scripts_is_crowded() -> None:
    folders = [ROOT / "static/js", *(path for path in (ROOT / "static/js").rglob("*") if path.is_dir())]
    assert {str(folder): count for folder in folders if (count := len(list(folder.iterdir()))) > MOST_IN_A_FOLDER} == {}


def test_no_attribute_of_htmx_needs_eval() -> None:
    """The policy forbids it: handlers in attributes, computed values, and filters of triggers."""
    needs_eval = re.compile(r"""hx-on[:=]|hx-[a-z-]+="js(?:cript)?:|hx-trigger="[^"]*\[(?!name=)""")
    pages = (path for path in (ROOT / "templates").rglob("*.html") if "unfold" not in path.parts and "admin" not in path.parts)
    assert [str(path) for path in pages if needs_eval.search(path.read_text())] == []
