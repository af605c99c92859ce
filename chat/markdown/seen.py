"""Tell whether a text shows anything once it is rendered. Pure."""

import html
import re

from accounts.storage import texts
from chat.markdown.blocks import Cutter

# The group: a sign that is seen wherever it stands. What may show nothing is taken before it: names of characters, addresses.
SEEN = re.compile(r"&#?\w{1,32};|\]\([^)\s]{0,200}|<br\b ?/?|([^\s#>`\[\])&<*_~])")
TAGS = re.compile(r"<[^>]*>")
SHAPES = re.compile(r"<(?:hr|li|pre|table|input)\b")  # seen without a word in them


def is_blank(text: str) -> bool:
    """Tell whether nothing can be seen of the text as it is rendered: of `&nbsp;`, or of `#` alone."""
    if any(found[1] and not texts.is_blank(found[1]) for found in SEEN.finditer(text)):
        return False
    shown = "".join(cut.html for cut in Cutter().cut(text, ended=True).cuts)
    return not SHAPES.search(shown) and texts.is_blank(html.unescape(TAGS.sub("", shown)))
