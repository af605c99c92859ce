"""An embedder for one test: `manage.py embedder` as `up` runs it, in its own folder."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from django.test import override_settings

import embeddings
from embeddings import EmbedderDown
from galaxy.configuration.paths import Places
from galaxy.services.supervision.child import end_with_parent
from tests.stack import MANAGE, environment

START_WITHIN = 60.0


@asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[psutil.Process]:
    """Run it as the embedder of this process."""
    given = os.environ | environment(folder, 1, **settings) | {"MALLOC_ARENA_MAX": "2"}
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    with (folder / "logs" / "embedder.log").open("ab") as log:
        process = subprocess.Popen([*MANAGE, "embedder"], env=given, stdout=log, stderr=log, preexec_fn=end_with_parent())
    try:
        with override_settings(EMBEDDER_SOCKET=str(Places(folder).embedder_socket)):
            await _until_it_answers(process)
            yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


async def _until_it_answers(process: "subprocess.Popen[bytes]") -> None:
    async with asyncio.timeout(START_WITHIN):
        while True:
            assert process.poll() is None
            try:
                await embeddings.state()
            except EmbedderDown:
                await asyncio.sleep(0.05)
            else:
                return


def libraries(process: psutil.Process) -> set[str]:
    """Return the model libraries that a process has in memory."""
    mapped = {Path(each.path).parts[-3:] for each in process.memory_maps() if each.path}
    return {name for name in ("onnxruntime", "numpy", "sentencepiece") if any(name in part for path in mapped for part in path)}
