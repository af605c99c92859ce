"""Live Markdown gives the same blocks as the whole text, however the text is cut."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.markdown import blocks, parsing, whole
from chat.markdown.live import FEED_WORK, OPEN_WORK, Block, LiveMarkdown, units

LINES = st.sampled_from(
    [
        "", "", "plain words", "**bold** and `code`", "# Title", "## A *b*", "---", "===", "- item", "  - deeper", "    deep",
        "* star", "1. one", "2) two", "> quote", "> - in quote", "```", "```python", "~~~", "~~~~ js", "````", "x = 1  # c",
        "| a | b |", "|---|--:|", "| 1 | 2 |", "a | b", "-|-", "[x](https://a.example)", "[r]: https://b.example", "[r]",
        "![i](https://c.example/i.png)", "<b>raw</b>", "<div>", "\tcode", "    code", "\\", "&amp; &#60;", "😀 é", "a\u2028b",
        "#", "-", "1.", "+", "   ```", "  ", "\u00a0", "- [ ] todo", "***", "_x_", "https://d.example/p?q=1",
        "```markdown", "````md", "```md x", "\\[", "\\]", "\\[ a", "$$", "$$ b $$", "$x*y$ and $5", "- [x] done",
        "| `c|d` | 3 |", "a<br>b", "**「重」**点", "\\(e\\)", "= f",
    ]
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\r", " ", ""])
TEXTS = st.lists(st.tuples(LINES, ENDS), max_size=14).map(lambda pairs: "".join(itertools.chain.from_iterable(pairs)))
CUTS = st.lists(st.integers(0, 400), max_size=30)


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def chunks(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted({cut for cut in cuts if 0 < cut < len(text)}), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(places)]


def live(pieces: list[str], step: float = 1.0) -> list[Block]:
    """The blocks of a stream whose pieces come `step` seconds apart."""
    clock = Clock()
    stream, blocks = LiveMarkdown(clock), []
    for piece in pieces:
        clock.now += step
        blocks += stream.feed(piece)
    return blocks + stream.finish()


def closed(blocks: list[Block]) -> list[Block]:
    return [block for block in blocks if not block.open]


@settings(max_examples=600, deadline=None)
@given(TEXTS, CUTS, st.sampled_from([0.0001, 0.1, 1.0]))
@example("a\r", [], 1.0)
@example("- a\n\n\n      code\n\nend", list(range(40)), 1.0)
@example("para\n#hash\n#\ntag", list(range(40)), 1.0)
@example("```py\nx\n```\n\n\ny", list(range(40)), 1.0)
def test_any_chunking_gives_the_blocks_of_the_whole(text: str, cuts: list[int], step: float) -> None:
    blocks = closed(live(chunks(text, cuts), step))
    assert "".join(block.html for block in blocks) == whole.render(text)
    assert [block.index for block in blocks] == list(range(len(blocks)))
    assert blocks == closed(live([text]))


@settings(max_examples=300, deadline=None)
@given(TEXTS, CUTS)
def test_upto_cuts_the_text_into_the_blocks_sources(text: str, cuts: list[int]) -> None:
    source = text.encode("utf-16-le")
    start = 0
    for block in closed(live(chunks(text, cuts))):
        part = source[2 * start : 2 * block.upto].decode("utf-16-le")
        assert whole.render(part) == block.html
        start = block.upto
    assert whole.render(source[2 * start :].decode("utf-16-le")) == ""


@settings(max_examples=300, deadline=None)
@given(TEXTS, CUTS)
def test_a_closed_block_never_comes_again_and_open_ones_cover_only_what_came(text: str, cuts: list[int]) -> None:
    clock = Clock()
    stream, came, done = LiveMarkdown(clock), 0, -1
    for piece in chunks(text, cuts):
        clock.now += 1
        came += units(piece)
        for block in stream.feed(piece):
            assert block.index == done + 1
            assert block.upto <= came
            done = done if block.open else block.index


def test_a_fence_is_drawn_empty_once_and_highlighted_when_it_closes() -> None:
    blocks = live(["```py", "thon\n", "x = ", "1\n", "y = 2\n", "`", "``\n", "\nafter"])
    opened = [block for block in blocks if block.open and block.index == 0]
    assert len(opened) == 1
    assert "<code></code>" in opened[0].html
    assert opened[0].upto == len("```python\n")
    assert closed(blocks)[0].html.count('class="n"') == 2
    assert closed(blocks)[0].upto == len("```python\nx = 1\ny = 2\n```\n")


def test_plain_words_wait_and_markup_is_drawn_at_most_every_300_ms() -> None:
    clock = Clock()
    stream = LiveMarkdown(clock)
    assert stream.feed("Some plain ") == []
    assert [block.html for block in stream.feed("**words** ")] == ['<p dir="auto">Some plain <strong>words</strong></p>']
    assert stream.feed("*more*") == []
    clock.now = 0.31
    assert stream.feed(" of it")[0].html == '<p dir="auto">Some plain <strong>words</strong> <em>more</em> of it</p>'


def test_half_a_mark_is_no_block_yet() -> None:
    assert LiveMarkdown(Clock()).feed("##") == []
    assert LiveMarkdown(Clock()).feed("```pyth") == []


@pytest.mark.parametrize("before", ["", "Words before it:\n", "Words before it:\n\n"])
def test_a_table_is_never_shown_as_bars_and_only_in_whole_rows(before: str) -> None:
    text = f"{before}| Stop | Cost |\n|---|---:|\n| Market | 0 |\n| *Museum* | 12 |\n\nAfter"
    opened = [block for block in live(list(text)) if block.open]
    assert any("<em>Museum</em>" in block.html for block in opened)
    for block in opened:
        assert "|" not in block.html
        assert "<table" not in block.html or text[block.upto - 1] == "\n"


def test_bars_that_are_no_table_are_shown_once_that_is_known() -> None:
    assert [block.html for block in live(["| x | is", " positive\n", "and so on\n"])] == [
        '<p dir="auto">| x | is positive\nand so on</p>',
        '<p dir="auto">| x | is positive\nand so on</p>',
    ]


SMALL = {
    "FIRST_REACH": 60,
    "MOST_WORK": 240,
    "MOST_WORK_OF_A_TEXT": 700,
    "PLAIN_SIZE": 40,
    "LONG_FENCE": 20,
    "LONGEST_FENCE": 60,
}


@settings(max_examples=600, deadline=None)
@given(TEXTS, CUTS, st.sampled_from([0.0001, 0.1, 1.0]))
def test_any_chunking_gives_the_blocks_of_the_whole_beyond_every_limit(text: str, cuts: list[int], step: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SMALL.items():
            patch.setattr(blocks, name, value)
        found = closed(live(chunks(text, cuts), step))
        assert "".join(block.html for block in found) == whole.render(text)
        assert [block.index for block in found] == list(range(len(found)))
        assert found == closed(live([text]))


HOSTILE = {
    "list": "- a\n" * 500_000,
    "loose list": "- a\n\n" * 20_000,
    "images": "![" * 40_000,
    "links": "[a](" * 20_000,
    "wide table": f"{'|a' * 3_000}\n{'|-' * 3_000}\n{'|b' * 3_000}\n",
    "table without its cells": f"{'|a' * 1_000}\n{'|-' * 1_000}\n" + "|b\n" * 3_000,
    "emphasis": "**a" * 30_000,
    "quotes": "> " * 50_000,
    "addresses": "http://" * 10_000,
    "code": "```c\n" + '" \\n' * 12_000,
    "open code": "```\n" + "some code\n" * 100_000,
    "blank lines": "\n" * 1_000_000,
    "headings": "# a\n" * 200_000,
    "one line": "a" * 4_000_000,
}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The work of every text that is parsed."""
    seen: list[int] = []
    pieces = parsing.pieces

    def counted(text: str) -> Iterator[parsing.Piece]:
        seen.append(blocks.work_of(text))
        return pieces(text)

    monkeypatch.setattr(parsing, "pieces", counted)
    return seen


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_hardly_parsed(text: str, parsed: list[int]) -> None:
    html = whole.render(text)
    assert max(parsed, default=0) <= max(blocks.MOST_WORK, blocks.LONG_FENCE * 2)
    assert sum(parsed) <= 3 * blocks.MOST_WORK_OF_A_TEXT
    parsed.clear()
    assert "".join(block.html for block in closed(live([text]))) == html
    assert sum(parsed) <= 3 * blocks.MOST_WORK_OF_A_TEXT


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_piece_of_hostile_text_costs_no_more_than_a_block(text: str, parsed: list[int]) -> None:
    clock = Clock()
    stream = LiveMarkdown(clock)
    for start in range(0, min(len(text), 400_000), 8_000):
        clock.now += 10
        parsed.clear()
        stream.feed(text[start : start + 8_000])
        assert sum(parsed) <= FEED_WORK + blocks.MOST_WORK + 2 * OPEN_WORK


def test_what_is_too_much_stays_readable_and_markdown_goes_on_after_it() -> None:
    html = whole.render("*before*\n\n" + "- <a>\n" * 3_000 + "\n*after*")
    assert html.startswith('<p dir="auto"><em>before</em></p><p dir="auto">- &lt;a&gt;<br>- &lt;a&gt;<br>')
    assert html.endswith('- &lt;a&gt;</p><p dir="auto"><em>after</em></p>')
    assert html.count("&lt;a&gt;") == 3_000


def test_long_code_stays_a_code_box() -> None:
    html = whole.render("```python\n" + "x = '<'\n" * 5_000 + "```\n*after*")
    assert html.count("x = ") == 5_000
    assert "<span>Python</span></header>" in html
    assert html.endswith('</code></pre></div><p dir="auto"><em>after</em></p>')
