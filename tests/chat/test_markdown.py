"""Markdown becomes safe HTML in the portal's own look."""

import re
import time
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.markdown import highlighting, seen, whole
from chat.markdown.live import LiveMarkdown
from tests.chat.hostile import PAYLOADS

TAGS = set(re.findall(r"\w+", "a blockquote br code div em h3 h4 h5 h6 header hr input li ol p pre s span strong ul"))
TAGS |= {"table", "tbody", "td", "th", "thead", "tr"}
ATTRIBUTES = {"class", "dir", "href", "rel", "start", "tabindex", "target", "title"}
BOX = {"type": "checkbox", "disabled": "", "checked": "", "aria-label": "Done"}
CLASSES = {"c", "f", "k", "n", "s", "math", "task", "code", "table", "table-scroll", "scroll-x", "number", "center"}


class Checker(HTMLParser):
    """Raises at whatever the allow-list does not name, and at a tag that is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        if tag == "input":
            assert dict(attrs) in (BOX, {"type": "checkbox", "disabled": "", "aria-label": "To do"})
            return
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name, value)
            if name == "dir":
                assert value == ("ltr" if tag in ("code", "div", "span") else "auto")
            if name == "href":
                assert re.match(r"(https?|mailto|tel):", value or ""), value
            if name == "class":
                assert set((value or "").split()) <= CLASSES, value
        if tag == "a":
            assert ("rel", "noopener noreferrer nofollow") in attrs
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def check(html: str) -> None:
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_hostile_survives_whole(payload: str) -> None:
    check(whole.render(payload))
    check(whole.render(f"before {payload} after\n\n- {payload}\n\n> {payload}"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_hostile_survives_as_it_streams(payload: str) -> None:
    stream = LiveMarkdown(clock=iter(range(10**6)).__next__)
    for character in payload:
        for block in stream.feed(character):
            check(block.html)
    for block in stream.finish():
        check(block.html)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*PAYLOADS, "\n\n", "\n", "- ", "> ", "`", "|", "[", "]("]), max_size=6).map("".join))
def test_nothing_hostile_survives_in_company(text: str) -> None:
    check(whole.render(text))


def test_code_has_its_language_and_the_design_s_classes() -> None:
    html = whole.render("```python\ndef f():  # why\n    return 'a' + 1\n```")
    assert "<header><span>Python</span></header>" in html
    for name in "ckfsn":
        assert f'<span class="{name}">' in html


def test_code_keeps_every_character() -> None:
    code = "\n  a\t<b> & 'c'\n\n"
    parser = HTMLParser()
    seen: list[str] = []
    parser.handle_data = seen.append  # type: ignore[method-assign,assignment]
    parser.feed(whole.render(f"```python\n{code}```").partition("<code>")[2])
    assert "".join(seen) == code


def test_an_unknown_language_keeps_its_name_and_stays_plain() -> None:
    assert "<span>brainflow</span></header>" in whole.render("```brainflow\nx\n```")


def test_tables_scroll_inside_themselves_and_align_by_class() -> None:
    html = whole.render("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert html.startswith('<div class="table-scroll scroll-x" tabindex="0"><table class="table">')
    assert '<td class="number" dir="auto">2</td>' in html
    assert "style" not in html


def test_an_image_is_a_link_and_never_loads() -> None:
    assert whole.render("![a cat](https://x.example/c.png)") == (
        '<p dir="auto"><a href="https://x.example/c.png" target="_blank" rel="noopener noreferrer nofollow">a cat</a></p>'
    )
    assert "img" not in whole.render("[![a](https://x.example/a.png)](https://y.example)")


def test_headings_stand_below_the_page_s_own() -> None:
    assert whole.render("# a\n\n###### b") == '<h3 dir="auto">a</h3><h6 dir="auto">b</h6>'


def test_a_rendered_text_comes_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr(cache, "get_many", lambda keys: {key: kept[key] for key in keys if key in kept}, raising=False)
    monkeypatch.setattr(cache, "set_many", lambda values, _: kept.update(values), raising=False)
    assert whole.render_all(["*a*", "b"]) == ['<p dir="auto"><em>a</em></p>', '<p dir="auto">b</p>']
    monkeypatch.setattr(whole, "render", lambda _: pytest.fail("rendered twice"))
    assert whole.render_all(["*a*", "b"]) == ['<p dir="auto"><em>a</em></p>', '<p dir="auto">b</p>']


UNITS = [
    '" \\n',
    '"\n',
    "'\n",
    "\\",
    '\\"',
    "\\'",
    "(",
    "[",
    "{",
    "<",
    "<!--",
    "/*",
    "//",
    " ",
    "\n",
    "a ",
    "`",
    "${",
    "#{",
    "<a ",
    "a(",
    "#if\n",
]


@pytest.mark.parametrize("language", sorted(highlighting.LANGUAGES))
def test_no_lexer_takes_long_over_hostile_code(language: str) -> None:
    highlighting.highlight("warm", language)
    for unit in UNITS:
        line = unit * (highlighting.LONGEST_LINE // len(unit))
        code = (f"{line}\n" * highlighting.LONGEST)[: highlighting.LONGEST // 2]
        began = time.thread_time()
        highlighting.highlight(code, language)
        assert time.thread_time() - began < 0.25, unit


def test_a_lexer_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlighting, "clock", iter(range(1000)).__next__)
    assert highlighting.highlight("x = '<'", "python") == ("Python", "x = &#x27;&lt;&#x27;")


@pytest.mark.parametrize("code", ["x = 1\n" * 2_000, "x = 1 " * 200])
def test_code_that_is_too_long_is_not_highlighted(code: str) -> None:
    assert highlighting.highlight(code, "python") == ("Python", code)


def test_a_language_with_a_slow_lexer_stays_plain() -> None:
    assert highlighting.highlight("x = 1", "autohotkey") == ("autohotkey", "x = 1")


def test_what_shows_nothing_is_told_from_what_does() -> None:
    nothing = [
        "",
        "\u200b",
        "&#8203;",
        "&nbsp;\n\n&ZeroWidthSpace;",
        "#",
        "> ",
        "<br>\n<br />",
        "[](https://example.org)",
        "&#x3164;",
        "`\u200b`",
        "**&#8203;**",
    ]
    assert [text for text in nothing if not seen.is_blank(text)] == []
    something = [
        "a",
        "1",
        "。",
        "&amp;",
        "\\",
        "---",
        "- ",
        "```\n```",
        "`&#8203;`",
        "    &#8203;",
        "![](https://example.org/a.png)",
    ]
    assert [text for text in something if seen.is_blank(text)] == []
