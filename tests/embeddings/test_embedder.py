"""The embedder: one process has the model, the others ask it; it sleeps when idle, and makes no one wait for long."""

import asyncio
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import psutil
import pytest
from django.conf import settings

import embeddings
from embeddings import EmbedderBusy, EmbedderDown, TooSlow, UnknownSpace, Vectors, cosine
from embeddings.e5.identity import SPACE
from embeddings.texts import MOST_CHARACTERS
from tests.embeddings import embedder
from tests.embeddings.texts import TEXTS
from tests.stack import Galaxy

pytestmark = pytest.mark.timeout(240)
LONG = " ".join(f"The {number}th fox tells a story about the {number * 7} hens of the farm." for number in range(14))
MEGABYTE = 1024**2


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[psutil.Process]:
    async with embedder.running(tmp_path) as started:
        yield started


async def embed(*texts: str, kind: embeddings.Kind = "passage") -> Vectors:
    return await embeddings.embed(texts, kind, within=120)


async def until(condition: Callable[[], Awaitable[bool]], *, within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_one_process_of_a_running_galaxy_has_the_model_and_no_other(galaxy: Galaxy) -> None:
    made = await embed("Switch a lamp on.", "Die Lampe einschalten.", "The weather in Paris.")
    assert made.space == SPACE
    assert cosine(made[0], made[1]) > cosine(made[0], made[2])
    assert cosine(made[0], made[0]) == pytest.approx(1, abs=1e-5)
    (own,) = galaxy.pids("embedder")
    assert "onnxruntime" in embedder.libraries(psutil.Process(own))
    for pid in (pid for name in ("web", "runner", "worker") for pid in galaxy.pids(name)):
        assert embedder.libraries(psutil.Process(pid)) == set()


async def test_health_and_the_doctor_tell_how_it_is(galaxy: Galaxy) -> None:
    await embed("hello")
    async with httpx.AsyncClient(base_url=galaxy.base_url) as client:

        async def is_up() -> bool:
            return (await client.get("/readyz")).json()["parts"]["embedder"]["status"] == "up"  # type: ignore[no-any-return]

        await until(is_up)
    assert "The embedder answers (multilingual-e5-small)." in await asyncio.to_thread(galaxy.manage, "doctor")


def test_tasks_of_the_worker_ask_it_too(galaxy: Galaxy) -> None:
    assert len(embeddings.embed_and_wait(["one", "two"], "passage", SPACE.name)) == 2


async def test_it_belongs_to_its_own_user(process: psutil.Process) -> None:
    assert stat.S_IMODE(Path(settings.EMBEDDER_SOCKET).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "a\0b", "\ud83d lone", "\ud83d\ude00", "   ", "\n", "x" * MEGABYTE, "word " * 250_000])
async def test_any_text_has_a_vector(galaxy: Galaxy, text: str) -> None:
    made = await embed(text)
    assert cosine(made[0], made[0]) == pytest.approx(1, abs=1e-5)
    assert made.cut == ((0,) if len(text) > MOST_CHARACTERS else ())


async def test_halves_of_a_character_are_put_together(galaxy: Galaxy) -> None:
    made = await embed("\ud83d\ude00 smile", "\U0001f600 smile")
    assert cosine(made[0], made[1]) == pytest.approx(1, abs=1e-5)


async def test_a_long_list_comes_back_in_its_order(galaxy: Galaxy) -> None:
    texts = [f"{text} {number}" for number in range(2) for texts in TEXTS.values() for text in texts]
    made = await embed(*texts)
    assert len(made) == len(made.tokens) == len(texts) > 64
    for at in (0, 31, 32, 63, 64, len(texts) - 1):
        alone = await embed(texts[at])
        assert cosine(made[at], alone[0]) > 0.9999
        assert alone.tokens == (made.tokens[at],)


async def test_no_text_has_no_vector_but_a_space(galaxy: Galaxy) -> None:
    assert len(await embed()) == 0
    assert await embeddings.space_of() == SPACE


async def test_vectors_of_another_space_are_refused(galaxy: Galaxy) -> None:
    with pytest.raises(UnknownSpace, match="all-MiniLM"):
        await embeddings.embed(["hello"], "query", "all-MiniLM/1/384")


async def test_it_sleeps_when_idle_and_wakes_with_the_next_question(tmp_path: Path) -> None:
    async with embedder.running(tmp_path, EMBEDDING_IDLE_SECONDS="0.5") as process:
        before = process.memory_info().rss
        for _ in range(3):
            assert len(await embed("hello")) == 1

            async def sleeps() -> bool:
                try:
                    return not (await embeddings.state()).awake
                except TooSlow:  # it starts afresh at this moment
                    return False

            await until(sleeps)
            assert embedder.libraries(process) == set()
            assert process.memory_info().rss < before + 20 * MEGABYTE


async def test_no_question_is_lost_while_it_falls_asleep(tmp_path: Path) -> None:
    async with embedder.running(tmp_path, EMBEDDING_IDLE_SECONDS="0.01"):
        for number in range(6):
            assert len(await embed("hello", kind="query")) == 1
            await asyncio.sleep(number * 0.008)  # around the moment


async def test_a_query_goes_ahead_of_passages(process: psutil.Process) -> None:
    await embed("hello")
    passages = asyncio.create_task(embed(*[LONG] * 40))
    await until(_something_waits_or_is_done(passages))
    await embed("hello", kind="query")
    assert not passages.done()
    assert len(await passages) == 40


def _something_waits_or_is_done(task: "asyncio.Task[Vectors]") -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return task.done() or (await embeddings.state()).waiting > 0

    return check


async def test_too_much_at_once_is_refused_and_those_who_give_up_leave_the_line(process: psutil.Process) -> None:
    await embed("hello")
    asked = [asyncio.create_task(embed(*[LONG] * 32)) for _ in range(48)]

    async def one_is_refused() -> bool:
        return any(task.done() for task in asked)

    await until(one_is_refused)
    refused = [task for task in asked if task.done()]
    assert {type(task.exception()) for task in refused} == {EmbedderBusy}
    assert len(await embed("hello", kind="query")) == 1  # they have a line of their own
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert len(await embed("hello")) == 1

    async def is_empty() -> bool:
        return (await embeddings.state()).waiting == 0

    await until(is_empty)


async def test_who_waits_too_long_is_told(process: psutil.Process) -> None:
    with pytest.raises(TooSlow):
        await embeddings.embed([LONG] * 32, "passage", within=0.05)


async def test_nonsense_on_the_socket_ends_nothing(process: psutil.Process) -> None:
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\1\xff", b"\xff\xff\xff\xff", b"\0"):
        reader, writer = await asyncio.open_unix_connection(settings.EMBEDDER_SOCKET)
        writer.write(nonsense)
        writer.write_eof()
        await reader.read()
        writer.close()
    assert len(await embed("hello")) == 1


async def test_without_one_callers_are_told_so(tmp_path: Path) -> None:
    async with embedder.running(tmp_path) as process:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)
        with pytest.raises(EmbedderDown, match="is not running"):
            await embed("hello")


async def test_a_killed_one_comes_back(own_galaxy: Galaxy) -> None:
    await own_galaxy.until_ready("embedder")
    own_galaxy.kill("embedder")
    await own_galaxy.until_ready("embedder")
    async with httpx.AsyncClient(base_url=own_galaxy.base_url) as client:
        assert (await client.get("/readyz")).status_code == httpx.codes.OK
