"""The files of the embedded model are made once, whole or not at all, and never from damaged weights."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from embeddings.e5 import identity, prepared, weights
from embeddings.e5.engine import Engine
from embeddings.errors import ModelMissing
from tests.stack import ROOT

MAKE = (
    "import sys; from pathlib import Path; from embeddings.e5 import prepared; print(prepared.prepare(Path(sys.argv[1])).graph)"
)


def test_two_processes_make_the_same_files_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert len(said) == 1
    (place,) = tmp_path.iterdir()
    assert sorted(file.name for file in place.iterdir()) == ["graph.onnx", "pieces.spm", "tables.bin"]


def test_they_are_kept_and_those_of_another_version_go(tmp_path: Path) -> None:
    earlier = tmp_path / "e5-0000000000000000"
    earlier.mkdir()
    (earlier / "graph.onnx").write_bytes(b"old")
    first = prepared.prepare(tmp_path)
    made = first.graph.stat().st_mtime_ns
    assert prepared.prepare(tmp_path) == first
    assert first.graph.stat().st_mtime_ns == made
    assert not earlier.exists()


@pytest.mark.parametrize("name", prepared.Prepared._fields)
def test_damaged_files_are_made_again(tmp_path: Path, name: str) -> None:
    file: Path = getattr(prepared.prepare(tmp_path), name)
    file.write_bytes(file.read_bytes()[:1000])
    engine = Engine(tmp_path, 1)
    assert engine.vectors(engine.tokens(["hello"], "query")).shape == (1, identity.DIMENSIONS)


def test_damaged_weights_are_known_by_their_hash(tmp_path: Path) -> None:
    copy = tmp_path / "weights.bin"
    shutil.copy(identity.weights_file(), copy)
    weights.check(copy)
    with copy.open("r+b") as handle:
        handle.seek(1_000_000)
        handle.write(b"\0" * 8)
    with pytest.raises(ModelMissing, match="damaged"):
        weights.check(copy)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelMissing, match="cannot be written to"):
        prepared.prepare(tmp_path / "file")


def test_a_machine_without_the_engine_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_spec("no_such_engine") is None
    monkeypatch.setattr(identity, "ENGINE", "no_such_engine")
    with pytest.raises(ModelMissing, match="EMBEDDING_MODEL"):
        identity.weights_file()
