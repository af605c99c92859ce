"""The job of reading a page: bytes in, text out. Some pages are made to keep a parser busy."""

import re
from urllib.parse import urljoin

from tools.builtin.web_pages.charsets import decoded
from tools.builtin.web_pages.main_part import main_part
from tools.builtin.web_pages.markdown import markdown
from tools.builtin.web_pages.messages import Fetched, Text, encode, fetched_pages

SECONDS = 10.0
# Controls, and signs without a shape in which a page could hide words from people.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def answer(message: bytes) -> bytes:
    """Read one page."""
    return encode(_read(fetched_pages.decode(message)))


def _read(fetched: Fetched) -> Text:
    text = decoded(fetched.body, fetched.content_type)
    if not fetched.is_html:
        return Text("", "", _visible(text))
    page = main_part(text)
    address = urljoin(fetched.url, page.base) if page.base.startswith(("http", "/", ".")) else fetched.url
    return Text(_visible(page.title), page.language, _visible(markdown(page.node, address) if page.node else ""))


def _visible(text: str) -> str:
    return INVISIBLE.sub("", text.replace("\r\n", "\n")).strip()
