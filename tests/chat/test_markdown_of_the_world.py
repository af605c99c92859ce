"""Markdown as models write it: scripts without spaces, mathematics, addresses in prose, boxes, bars, nested fences."""

import re

import pytest

from chat.markdown import whole
from chat.markdown.live import LiveMarkdown

A = ' target="_blank" rel="noopener noreferrer nofollow"'
TABLE = "| a | b |\n|---|---|\n"
ROWS = {
    "bold beside CJK brackets": ("这是**「重点」**内容。", "<p>这是<strong>「重点」</strong>内容。</p>"),
    "bold beside CJK full stop": ("**注意。**请看", "<p><strong>注意。</strong>请看</p>"),
    "bold that ends in a bracket before Hangul": ("**스크립트(script)**는", "<p><strong>스크립트(script)</strong>는</p>"),
    "struck out beside CJK": ("这~~「旧」~~新", "<p>这<s>「旧」</s>新</p>"),
    "marks in English stay as they were": ('a**"b"**c 2 * 3 * 4', '<p>a**"b"**c 2 * 3 * 4</p>'),
    "a break in a cell": (f"{TABLE}| x<br>y | <b>z</b> |", "<td>x<br>y</td><td>&lt;b&gt;z&lt;/b&gt;</td>"),
    "names of files and members": ("README.md setup.sh main.py user.id", "<p>README.md setup.sh main.py user.id</p>"),
    "an address with www": ("see www.e.com.", f'<p>see <a href="http://www.e.com"{A}>www.e.com</a>.</p>'),
    "an address with mailto": ("mailto:a@e.com", f'<p><a href="mailto:a@e.com"{A}>mailto:a@e.com</a></p>'),
    "an address before a full-width bracket": (
        "https://e.com/docs（说明）了解，",
        f'<p><a href="https://e.com/docs"{A}>https://e.com/docs</a>（说明）了解，</p>',
    ),
    "an address within prose without spaces": ("看https://e.com了解", f'<p>看<a href="https://e.com"{A}>https://e.com</a>了解</p>'),
    "inline mathematics": (r"\(a_1\), $x*y*z$", r'<p><span class="math">\(a_1\)</span>, <span class="math">$x*y*z$</span></p>'),
    "mathematics on lines of its own": (
        "\\[\na \\\\\n- b_1*c\n= d\n\\]\n- e",
        '<p><span class="math">\\[\na \\\\\n- b_1*c\n= d\n\\]</span></p><ul><li>e</li></ul>',
    ),
    "mathematics in dollars": (r"$$a_1 \\ b_1$$ so", r'<p><span class="math">$$a_1 \\ b_1$$</span> so</p>'),
    "money": (
        "$5 to $10, *US$5* or **5$** and **6$**",
        "<p>$5 to $10, <em>US$5</em> or <strong>5$</strong> and <strong>6$</strong></p>",
    ),
    "money with words": ("$5 **a day**, at most 90$", "<p>$5 <strong>a day</strong>, at most 90$</p>"),
    "about": ("~2000…~5000", "<p>~2000…~5000</p>"),
    "escaped brackets": (r"\[1\] \[x\](y)", "<p>[1] [x](y)</p>"),
    "a box that is checked": (
        "- [x] done",
        '<li class="task"><input type="checkbox" disabled="" aria-label="Done" checked=""> done</li>',
    ),
    "a box that is not": ("1. [ ] b", '<li class="task"><input type="checkbox" disabled="" aria-label="To do"> b</li>'),
    "an escaped bar in code": (rf"{TABLE}| `a\|b` | c |", "<td><code>a|b</code></td><td>c</td>"),
    "a bar in code": (f"{TABLE}| `a|b` | c |", "<td><code>a|b</code></td><td>c</td>"),
    "two bars in code": (f"{TABLE}| `||` | or |", "<td><code>||</code></td><td>or</td>"),
    "more cells than columns": (f"{TABLE}| c | d | e |", "<td>c</td><td>d | e</td>"),
    "a fence of Markdown with a fence in it": (
        "```markdown\n# T\n```py\nx\n```\n```\nEnd",
        "<code># T\n```py\nx\n```\n</code></pre></div><p>End</p>",
    ),
    "one that is not balanced": ("```markdown\n```py\nx\n```\nEnd", "<code>```py\nx\n</code></pre></div><p>End</p>"),
    "line ends in an answer": ("a\nb", "<p>a\nb</p>"),
}  # fmt: skip


def bare(html: str) -> str:
    """Without directions, which a test below is about, and without the line ends after these tags."""
    return re.sub(r"(<br>|<[uo]l>|</li>|</td>)\n", r"\1", re.sub(r' dir="\w+"', "", html))


def streamed(text: str) -> str:
    stream = LiveMarkdown(clock=iter(range(10**6)).__next__)
    blocks = [block for piece in text for block in stream.feed(piece)] + stream.finish()
    return "".join(block.html for block in blocks if not block.open)


@pytest.mark.parametrize(("text", "wanted"), ROWS.values(), ids=ROWS.keys())
def test_it_is_read_as_it_was_meant_whole_and_as_it_streams(text: str, wanted: str) -> None:
    html = whole.render(text)
    assert wanted in bare(html)
    assert streamed(text) == html


def test_each_block_has_the_direction_of_its_words_and_code_runs_from_left_to_right() -> None:
    html = whole.render("# א\n\nمرحبا `x`\n\n- ב\n- b\n\n> ג\n\n| a |\n|---|\n| د |\n\n```\nx\n```\n\n$a$")
    for tag in ("h3", "p", "li", "th", "td"):
        opened = re.findall(rf"<{tag}[ >][^>]*", html)
        assert opened
        assert all('dir="auto"' in one for one in opened), tag
    for part in ('<code dir="ltr">x</code>', '<div class="code" dir="ltr">', '<span class="math" dir="ltr">'):
        assert part in html
