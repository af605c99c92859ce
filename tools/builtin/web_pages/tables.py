"""Tables of a page as Markdown. Tables that only arrange the page are not tables here."""

from collections.abc import Callable

from selectolax.lexbor import LexborNode

MOST_ROWS, MOST_COLUMNS = 500, 30


def has_data(table: LexborNode) -> bool:
    """Check that it is a table of data: several columns, and no table inside."""
    if table.css_first("td table, th table") is not None:
        return False
    row = table.css_first("tr")
    return row is not None and len(row.css("td, th")) > 1


def written(table: LexborNode, text_of: Callable[[LexborNode], str]) -> str:
    """Write it, with the first row as its head."""
    rows = [
        [text_of(cell).replace("|", "\\|") for cell in row.css("td, th")[:MOST_COLUMNS]] for row in table.css("tr")[:MOST_ROWS]
    ]
    rows = [row for row in rows if any(row)]
    if not rows:
        return ""
    width = max(map(len, rows))
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    caption = table.css_first("caption")
    head = [f"{text_of(caption)}\n"] if caption is not None and text_of(caption) else []
    return "\n".join([*head, lines[0], f"|{' --- |' * width}", *lines[1:]])
